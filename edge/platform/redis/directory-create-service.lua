-- Adds a service.
-- Keys   1 services (hash id -> bytes)   2 names of services (hash name -> id)
-- Args   1 id   2 name   3 bytes
-- Reply  'ok', 'name' or 'id' for what is taken
-- Atomic.
if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then return 'name' end
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 'id' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
return 'ok'
