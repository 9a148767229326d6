-- Gives a lease back.
-- Keys   1 lease (string: its holder)
-- Args   1 holder
-- Reply  1 given back, 0 when it is not held by that holder
-- Atomic.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
