-- Hands a reply to the process that asked.
-- Keys   1 its inbox, a channel
-- Args   1 the reply, opaque   2 PUBLISH or SPUBLISH
-- Reply  0 when it does not listen now; else how many got it
-- Atomic; writes nothing. Who listens to a pattern only looks on, and is not counted.
local count = ARGV[2] == 'SPUBLISH' and 'SHARDNUMSUB' or 'NUMSUB'
if redis.call('PUBSUB', count, KEYS[1])[2] == 0 then return 0 end
return redis.call(ARGV[2], KEYS[1], ARGV[1])
