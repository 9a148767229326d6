-- Removes a service and its rooms.
-- Keys   1 services (hash id -> bytes)   2 names of services (hash name -> id)   3 rooms (hash id -> bytes)
--        4 services of rooms (hash id of the room -> id of its service)   5 homes of rooms (hash id of the room -> name)
--        6 rooms of the service (list of ids)
-- Args   1 id of the service
-- Reply  1 removed, 0 when there was none
-- Atomic.
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
for _, id in ipairs(redis.call('LRANGE', KEYS[6], 0, -1)) do
  redis.call('HDEL', KEYS[3], id)
  redis.call('HDEL', KEYS[4], id)
  redis.call('HDEL', KEYS[5], id)
end
redis.call('DEL', KEYS[6])
local names = redis.call('HGETALL', KEYS[2])
for index = 1, #names, 2 do
  if names[index + 1] == ARGV[1] then redis.call('HDEL', KEYS[2], names[index]) end
end
return 1
