-- Ends serving a channel.
-- Keys   1 server of the channel (string "<stamp> <id>")
-- Args   1 id
-- Reply  1 ended, 0 when somebody else serves or nobody
-- Atomic.
local id = string.match(redis.call('GET', KEYS[1]) or '', '^%d+ (.*)$')
if id ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
