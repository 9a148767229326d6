-- Replaces a value if it is still the one the caller has read.
-- Keys   1 values (hash name -> bytes)
-- Args   1 name   2 bytes read, or '' when there was none   3 new bytes
-- Reply  nil when replaced, else the present bytes ('' when there is none)
-- Atomic.
local present = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if present ~= ARGV[2] then return present end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return nil
