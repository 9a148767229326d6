-- Workers are gone: one by name, or all who were not heard of for long. Each is told on the channel, and remembered for
-- those who do not hear it.
-- KEYS  said (hash), heard (zset), joined (zset), purposes (hash), lost (counter), losses (list of the latest),
--       ended (zset of the latest that are never to be announced again), numbers (counter)
-- ARGV  tag, publish command, channel, reason, how many losses are kept, then one of `worker`, id; `silent`, ms: those
--       last heard of at that time or before, at most 100; `silent among`, ms, id …: such of those

local function remove(worker)
  if redis.call('HDEL', KEYS[1], worker) == 0 then return end
  redis.call('ZREM', KEYS[2], worker)
  redis.call('ZREM', KEYS[3], worker)
  for purpose in string.gmatch(redis.call('HGET', KEYS[4], worker) or '', '[^,]+') do
    leave(ARGV[1] .. purpose .. ':', worker)
  end
  redis.call('HDEL', KEYS[4], worker)
  local loss = cjson.encode({ redis.call('INCR', KEYS[5]), worker, ARGV[4] })
  redis.call('LPUSH', KEYS[6], loss)
  redis.call('LTRIM', KEYS[6], 0, ARGV[5] - 1)
  redis.call(ARGV[2], ARGV[3], loss)
end

if ARGV[6] == 'worker' then
  redis.call('ZADD', KEYS[7], redis.call('INCR', KEYS[8]), ARGV[7])
  redis.call('ZREMRANGEBYRANK', KEYS[7], 0, -1 - ARGV[5])
  remove(ARGV[7])
elseif ARGV[6] == 'silent among' then
  for i = 8, #ARGV do
    local heard = redis.call('ZSCORE', KEYS[2], ARGV[i])
    if heard and tonumber(heard) <= tonumber(ARGV[7]) then remove(ARGV[i]) end
  end
else
  for _, worker in ipairs(redis.call('ZRANGE', KEYS[2], '-inf', ARGV[7], 'BYSCORE', 'LIMIT', 0, 100)) do
    remove(worker)
  end
end
