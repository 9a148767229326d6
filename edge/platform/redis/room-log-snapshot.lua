-- Keeps a snapshot of a room and lets go of events that it makes superfluous.
-- Keys   1 head (hash, see room-log-open.lua)   2 log (stream)
-- Args   1 epoch   2 seq of the snapshot   3 its bytes, opaque   4 seq up to which events may be forgotten
-- Reply  1 kept, 0 ignored: of another epoch, beyond the end of the log, or not newer than the kept one
-- Atomic.
local head = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'first', 'snapshotSeq')
local seq = tonumber(ARGV[2])
if head[1] ~= ARGV[1] or seq > tonumber(head[2]) or seq <= tonumber(head[4] or '-1') then return 0 end
local first = math.max(tonumber(head[3]), math.min(tonumber(ARGV[4]), seq) + 1)
redis.call('HSET', KEYS[1], 'snapshotSeq', ARGV[2], 'snapshot', ARGV[3], 'first', string.format('%.0f', first))
redis.call('XTRIM', KEYS[2], 'MINID', string.format('%.0f', first) .. '-0')
return 1
