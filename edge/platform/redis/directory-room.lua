-- Reads a room.
-- Keys   1 rooms (hash id -> bytes)   2 services of rooms (hash id of the room -> id of its service)
--        3 homes of rooms (hash id of the room -> name)
-- Args   1 id of the room
-- Reply  {id of the service, bytes, name of its home if it has one}, or nil when there is none
-- Atomic; writes nothing.
local bytes = redis.call('HGET', KEYS[1], ARGV[1])
local home = redis.call('HGET', KEYS[3], ARGV[1]) or nil
return bytes and { redis.call('HGET', KEYS[2], ARGV[1]), bytes, home }
