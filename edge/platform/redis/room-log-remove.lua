-- Forgets a room's log, and remembers for an hour which one it was, so that no edge gives it back as lost.
-- Keys   1 head (hash, see room-log-open.lua)   2 log (stream)   3 closed (string: the epoch of the log that was removed)
-- Args   none, or 1 epoch   2 seq: only if the log still ends there
-- Reply  number of keys removed
-- Atomic.
local head = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
if ARGV[1] and (head[1] ~= ARGV[1] or head[2] ~= ARGV[2]) then return 0 end
if head[1] then redis.call('SET', KEYS[3], head[1], 'EX', 3600) end
return redis.call('DEL', KEYS[1], KEYS[2])
