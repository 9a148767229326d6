-- Reads a room.
-- Keys   1 rooms (hash id -> bytes)   2 services of rooms (hash id of the room -> id of its service)
-- Args   1 id of the room
-- Reply  {id of the service, bytes}, or nil when there is none
-- Atomic; writes nothing.
local bytes = redis.call('HGET', KEYS[1], ARGV[1])
return bytes and { redis.call('HGET', KEYS[2], ARGV[1]), bytes }
