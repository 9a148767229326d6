-- Appends to a room's log if it still ends where the caller thinks.
-- Keys   1 head (hash, see room-log-open.lua)   2 log (stream; one entry an append, its id the seq of its last event)
-- Args   1 epoch   2 expected seq   3 number of events   4 the events, opaque   5 PUBLISH or SPUBLISH   6 channel
--        7 the most events to keep   8 the longest settling, in milliseconds
-- Reply  {1, seq} appended and published as "<epoch> <first seq> <events>"
--        {0, seq, first event still kept, log entries that end within 1,000 events after the expected one} the log had moved on
--        {-1} it is not the log of that epoch, or it may have lost its end with a server: open it again
--        {-2} too many events are kept
--        {-3, seq, milliseconds} its end may have been lost: nothing is appended for so long, until who knows it is back
-- What nobody appends to for a week is forgotten; an edge that still knows it gives it back (room-log-restore.lua).
-- Atomic; all but the first write and publish nothing. What can fail for want of memory comes before all other writes.
local head = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'server', 'first', 'settles')
if head[1] ~= ARGV[1] then return { -1 } end
if head[3] ~= string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') then return { -1 } end
if head[5] then
  local time = redis.call('TIME')
  local left = tonumber(head[5]) - time[1] * 1000 - math.floor(time[2] / 1000)
  -- More is left only if the clock was set back.
  if left > 0 and left <= tonumber(ARGV[8]) then return { -3, tonumber(head[2]), left } end
end
local seq, expected = tonumber(head[2]), tonumber(ARGV[2])
if seq ~= expected then
  local entries = {}
  if seq > expected then
    entries = redis.call('XRANGE', KEYS[2], '(' .. ARGV[2] .. '-0', string.format('%.0f', expected + 1000) .. '-0')
  end
  return { 0, seq, tonumber(head[4]), entries }
end
local last = seq + tonumber(ARGV[3])
if last - tonumber(head[4]) >= tonumber(ARGV[7]) then return { -2 } end
local id = string.format('%.0f', last)
redis.call('XADD', KEYS[2], id .. '-0', 'e', ARGV[4])
redis.call('HSET', KEYS[1], 'seq', id)
if head[5] then redis.call('HDEL', KEYS[1], 'settles') end
redis.call('EXPIRE', KEYS[1], 604800)
redis.call('EXPIRE', KEYS[2], 604800)
redis.call(ARGV[5], ARGV[6], ARGV[1] .. ' ' .. string.format('%.0f', seq + 1) .. ' ' .. ARGV[4])
return { 1, last }
