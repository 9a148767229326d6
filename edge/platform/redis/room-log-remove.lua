-- Forgets a room's log.
-- Keys   1 head (hash, see room-log-open.lua)   2 log (stream)
-- Args   none, or 1 epoch   2 seq: only if the log still ends there
-- Reply  number of keys removed
-- Atomic.
if ARGV[1] then
  local head = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
  if head[1] ~= ARGV[1] or head[2] ~= ARGV[2] then return 0 end
end
return redis.call('DEL', KEYS[1], KEYS[2])
