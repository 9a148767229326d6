-- Reads a room's log.
-- Keys   1 head (hash, see room-log-open.lua)   2 log (stream)
-- Args   1 seq after which   2 number of events wanted
-- Reply  {epoch, seq, first, log entries that hold the wanted events and perhaps more}; the empty epoch when there is no log
-- Atomic; writes nothing.
local head = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'first')
if not head[1] then return { '', 0, 1, {} } end
local after, wanted = tonumber(ARGV[1]), tonumber(ARGV[2])
-- The append that holds the last wanted event may go on for 999 more.
local to = string.format('%.0f', after + wanted + 999) .. '-0'
local entries = redis.call('XRANGE', KEYS[2], '(' .. ARGV[1] .. '-0', to, 'COUNT', wanted)
return { head[1], tonumber(head[2]), tonumber(head[3]), entries }
