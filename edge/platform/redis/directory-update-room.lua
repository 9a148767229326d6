-- Replaces or removes a room of a service.
-- Keys   1 rooms (hash id -> bytes)   2 services of rooms (hash id of the room -> id of its service)
--        3 homes of rooms (hash id of the room -> name)   4 rooms of the service (list of ids)
-- Args   1 id of the service   2 id of the room   3 new bytes, or none to remove it
-- Reply  1 done, 0 when there is none of that id in that service
-- Atomic.
if redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[1] then return 0 end
if ARGV[3] then
  redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
else
  redis.call('HDEL', KEYS[1], ARGV[2])
  redis.call('HDEL', KEYS[2], ARGV[2])
  redis.call('HDEL', KEYS[3], ARGV[2])
  redis.call('LREM', KEYS[4], 0, ARGV[2])
end
return 1
