-- Takes a room's log, creating it when there is none.
-- Owns the rule of epochs: every entry of an epoch was accepted by one life of one server. On another server, or after a
-- restart, the latest entries may be lost, so a new epoch begins and the old one is remembered with where it ends. Until
-- the time `settles` who knows more may give it back (room-log-restore.lua), and nothing is appended.
-- Keys   1 head (hash: epoch, seq, server, first, before, snapshotSeq, snapshot, settles in milliseconds since 1970)
--        2 log (stream)
-- Args   1 the epoch to begin if one has to   2 how long it settles then, in milliseconds
-- Reply  {epoch, seq, first, before, snapshotSeq or '', snapshot or '', entries after the snapshot}; `before` has a line
--        "epoch seq" for each earlier epoch, the latest first, at most 8; `first` is the first entry still kept
-- Atomic; writes only when an epoch begins.
local server = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local head = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'server', 'first', 'before', 'snapshotSeq', 'snapshot')
local epoch, seq, first, before = head[1], head[2], head[4], head[5]
if not epoch then
  epoch, seq, first, before = ARGV[1], '0', '1', ''
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'seq', seq, 'server', server, 'first', first, 'before', before)
  redis.call('EXPIRE', KEYS[1], 604800)
elseif head[3] ~= server then
  before = epoch .. ' ' .. seq .. '\n' .. before
  local lines = 0
  before = string.gsub(before, '[^\n]*\n', function(line)
    lines = lines + 1
    return lines <= 8 and line or ''
  end)
  epoch = ARGV[1]
  local time = redis.call('TIME')
  local settles = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2])
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'server', server, 'before', before, 'settles', settles)
end
local after = head[6] or '0'
local entries = redis.call('XRANGE', KEYS[2], '(' .. after .. '-0', '+')
return { epoch, tonumber(seq), tonumber(first), before, head[6] or '', head[7] or '', entries }
