-- Hands a request to the server of a channel.
-- Keys   1 server of the channel (string "<stamp> <id>"); the server listens to "<key>:<id>"
-- Args   1 the request, opaque   2 PUBLISH or SPUBLISH
-- Reply  how many got it: 0 when nobody serves, or who does cannot be reached now
-- Atomic; writes nothing.
local id = string.match(redis.call('GET', KEYS[1]) or '', '^%d+ (.*)$')
if not id then return 0 end
return redis.call(ARGV[2], KEYS[1] .. ':' .. id, ARGV[1])
