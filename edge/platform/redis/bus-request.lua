-- Hands a request to the server of a channel.
-- Keys   1 server of the channel (string "<stamp> <id>"); the server listens to "<key>:<id>"
-- Args   1 the request, opaque   2 PUBLISH or SPUBLISH
-- Reply  0 when nobody serves, or who does cannot be reached now; else how many got it
-- Atomic; writes nothing. Who listens to a pattern only looks on, and is not counted.
local id = string.match(redis.call('GET', KEYS[1]) or '', '^%d+ (.*)$')
if not id then return 0 end
local channel = KEYS[1] .. ':' .. id
local count = ARGV[2] == 'SPUBLISH' and 'SHARDNUMSUB' or 'NUMSUB'
if redis.call('PUBSUB', count, channel)[2] == 0 then return 0 end
return redis.call(ARGV[2], channel, ARGV[1])
