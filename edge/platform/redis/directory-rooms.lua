-- Reads the rooms of a service.
-- Keys   1 rooms (hash id -> bytes)   2 rooms of the service (list of ids)
-- Reply  a list of bytes
-- Atomic; writes nothing.
local found = {}
for _, id in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
  found[#found + 1] = redis.call('HGET', KEYS[1], id)
end
return found
