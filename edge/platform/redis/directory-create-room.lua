-- Adds a room to a service.
-- Keys   1 services (hash id -> bytes)   2 rooms (hash id -> bytes)
--        3 services of rooms (hash id of the room -> id of its service)   4 homes of rooms (hash id of the room -> name)
--        5 rooms of the service (list of ids)
-- Args   1 id of the service   2 id of the room   3 bytes of the room   4 name of its home, if it has one
-- Reply  'ok', 'service' when there is none, 'id' when that is taken
-- Atomic.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 'service' end
if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then return 'id' end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('HSET', KEYS[3], ARGV[2], ARGV[1])
if ARGV[4] then redis.call('HSET', KEYS[4], ARGV[2], ARGV[4]) end
redis.call('RPUSH', KEYS[5], ARGV[2])
return 'ok'
