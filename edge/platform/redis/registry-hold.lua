-- A task is picked up by a worker, or laid down by the one that has it.
-- KEYS  tasks (hash), due (zset)
-- ARGV  prefix, worker, task, `up`, reserve ms of tasks that nobody picked, most tasks of one worker
--       or prefix, worker, task, `down`, now ms

local prefix, task = ARGV[1], ARGV[3]
local number = redis.call('HGET', prefix .. 'members', ARGV[2])
if not number then return end
local keeper, till, length = string.match(redis.call('HGET', KEYS[1], task) or '', '^(%d+):(%w+):(%d+)$')

if ARGV[4] == 'up' then
  if redis.call('SCARD', prefix .. 'held:' .. number) >= tonumber(ARGV[6]) then return end
  if till == 'held' then redis.call('SREM', prefix .. 'held:' .. keeper, task) end
  redis.call('ZREM', KEYS[2], task)
  redis.call('HSET', KEYS[1], task, number .. ':held:' .. (length or ARGV[5]))
  redis.call('SADD', prefix .. 'held:' .. number, task)
elseif till == 'held' and keeper == number then
  redis.call('SREM', prefix .. 'held:' .. number, task)
  reserve(prefix, task, number, tonumber(ARGV[5]), tonumber(length))
end
