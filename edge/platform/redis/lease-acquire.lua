-- Takes or renews a lease.
-- Keys   1 lease (string: its holder, expires)   2 its last fencing token (string, expires a day after its last use)
-- Args   1 holder   2 milliseconds to hold
-- Reply  the fencing token, or nil when somebody else holds the lease
-- Atomic. A new holder's token is the time in milliseconds, and more than the last token: so it grows even over a loss of
-- the data, and no token needs to be kept for ever.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return nil end
local last = redis.call('GET', KEYS[2])
local token = last
if not holder or not last then
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  token = string.format('%.0f', math.max(now, tonumber(last or '0') + 1))
end
redis.call('SET', KEYS[2], token, 'PX', math.max(86400000, 2 * tonumber(ARGV[2])))
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return tonumber(token)
