-- Gives a room's log back what it lost, from an edge that still knows it: the log goes on after that edge's state.
-- Keys   1 head (hash, see room-log-open.lua)   2 log (stream)   3 closed (string: the epoch of the log that was removed)
-- Args   1 the epoch to begin   2 epoch   3 seq of the edge's state   4 its bytes, opaque
--        5 number of the events before it that are known too   6 these, opaque: who is behind goes on from them
--        7 how long the log settles, in milliseconds   8 PUBLISH or SPUBLISH   9 channel
-- Reply  1 done, and published as an append of no events; 0 nothing is lost that this edge knows: the log is all there,
--        others wrote to it since, or it was removed
-- Who gives it back may be behind others: until the first append, which comes no earlier than `settles`, who knows more of
-- the epoch that was lost replaces it.
-- Atomic.
if redis.call('GET', KEYS[3]) == ARGV[2] then return 0 end
local server = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local head = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'server', 'before', 'settles')
local before, settles = '', nil
if head[1] then
  if tonumber(head[2]) >= tonumber(ARGV[3]) then return 0 end
  if head[1] == ARGV[2] then
    -- Nobody has opened it on this server yet.
    if head[3] == server then return 0 end
    before = head[4]
  else
    -- Opened or given back, and nothing was written since. It does not settle anew: rooms do not wait for ever.
    local known = '\n' .. ARGV[2] .. ' ' .. head[2] .. '\n'
    local from, to = string.find('\n' .. head[4], known, 1, true)
    if not from then return 0 end
    settles = head[5]
    before = head[1] .. ' ' .. head[2] .. '\n' .. string.sub(head[4], 1, from - 1) .. string.sub(head[4], to)
  end
end
before = ARGV[2] .. ' ' .. ARGV[3] .. '\n' .. before
local lines = 0
before = string.gsub(before, '[^\n]*\n', function(line)
  lines = lines + 1
  return lines <= 8 and line or ''
end)
if not settles then
  local time = redis.call('TIME')
  settles = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[7])
end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'seq', ARGV[3], 'server', server, 'before', before)
if ARGV[5] ~= '0' then redis.call('XADD', KEYS[2], ARGV[3] .. '-0', 'e', ARGV[6]) end
redis.call('HSET', KEYS[1], 'first', string.format('%.0f', tonumber(ARGV[3]) - tonumber(ARGV[5]) + 1))
redis.call('HSET', KEYS[1], 'snapshotSeq', ARGV[3], 'snapshot', ARGV[4], 'settles', settles)
redis.call('EXPIRE', KEYS[1], 604800)
redis.call('EXPIRE', KEYS[2], 604800)
-- An empty list of MessagePack: edges that went on from less read what was added.
redis.call(ARGV[8], ARGV[9], ARGV[1] .. ' ' .. string.format('%.0f', tonumber(ARGV[3]) + 1) .. ' \144')
return 1
