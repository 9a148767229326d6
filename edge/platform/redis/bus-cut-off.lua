-- Whether the server of a channel was cut off: it began to serve, did not say that it ends, and does not listen.
-- Keys   1 server of the channel (string "<stamp> <id>"); the server listens to "<key>:<id>"
-- Args   1 PUBLISH or SPUBLISH, as is used
-- Reply  its id when it was cut off, else nil
-- Atomic; writes nothing.
local id = string.match(redis.call('GET', KEYS[1]) or '', '^%d+ (.*)$')
if not id then return nil end
local count = ARGV[1] == 'SPUBLISH' and 'SHARDNUMSUB' or 'NUMSUB'
if redis.call('PUBSUB', count, KEYS[1] .. ':' .. id)[2] > 0 then return nil end
return id
