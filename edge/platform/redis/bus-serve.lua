-- Makes somebody the server of a channel: the one who began last.
-- Keys   1 server of the channel (string "<stamp> <id>", expires)
-- Args   1 id   2 stamp got when serving began, or '' to begin now   3 milliseconds until it expires
-- Reply  the stamp, or nil when somebody else began later
-- Atomic. A stamp is the time in microseconds, and more than the present server's.
local present = redis.call('GET', KEYS[1])
local theirs, id = string.match(present or '', '^(%d+) (.*)$')
local stamp = ARGV[2]
if stamp == '' then
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
  stamp = string.format('%.0f', math.max(now, tonumber(theirs or '0') + 1))
elseif theirs and id ~= ARGV[1] and tonumber(theirs) > tonumber(stamp) then
  return nil
end
redis.call('SET', KEYS[1], stamp .. ' ' .. ARGV[1], 'PX', ARGV[3])
return stamp
