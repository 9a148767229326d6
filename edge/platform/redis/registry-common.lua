-- Functions of the registry's scripts; this text stands before theirs.
--
-- All keys begin with one hash tag, so that they live in one slot of a cluster; those that a script does not get in KEYS
-- are made from a prefix it gets in ARGV. Of each purpose, <prefix> being the tag and the purpose:
--   <prefix>members      hash    worker -> number it has here, of twelve digits, given in the order of joining
--   <prefix><number>     hash    worker, kind, state, most, load, fresh, aging, cost, turned (loads in millionths, turned in ms)
--   <prefix>ids          hash    kind -> id           <prefix>kinds   hash  id -> kind
--   <prefix>counts       hash    id -> members        <prefix>version       grows when kinds come or go
--   <prefix>load:<id>    zset    available members by load, equals in the order of joining
--   <prefix>turn:<id>    zset    available members in the order of joining
--   <prefix>tasks        hash    task -> number:until:reserveMs, `until` in ms or `held`
--   <prefix>due          zset    reserved tasks by the time at which they are forgotten
--   <prefix>held:<number> set    tasks picked up
--   <prefix>chosen       hash    kinds chosen from -> number chosen last

local function unavailable(prefix, id, number)
  redis.call('ZREM', prefix .. 'load:' .. id, number)
  redis.call('ZREM', prefix .. 'turn:' .. id, number)
end

-- Edges remember the kinds of a version. It begins at the time, so that it never comes again, be all data lost meanwhile.
local function kinds_changed(prefix)
  if redis.call('INCR', prefix .. 'version') > 1 then return end
  local time = redis.call('TIME')
  redis.call('SET', prefix .. 'version', time[1] .. string.format('%06d', tonumber(time[2])))
end

local function leave_kind(prefix, id, number)
  unavailable(prefix, id, number)
  if redis.call('HINCRBY', prefix .. 'counts', id, -1) > 0 then return end
  redis.call('HDEL', prefix .. 'ids', redis.call('HGET', prefix .. 'kinds', id))
  redis.call('HDEL', prefix .. 'kinds', id)
  redis.call('HDEL', prefix .. 'counts', id)
  kinds_changed(prefix)
end

-- Ends a worker's membership of one purpose. Its reserved tasks find out when they are asked for.
local function leave(prefix, worker)
  local number = redis.call('HGET', prefix .. 'members', worker)
  if not number then return end
  leave_kind(prefix, redis.call('HGET', prefix .. number, 'kind'), number)
  for _, task in ipairs(redis.call('SMEMBERS', prefix .. 'held:' .. number)) do
    redis.call('HDEL', prefix .. 'tasks', task)
  end
  redis.call('DEL', prefix .. number, prefix .. 'held:' .. number)
  redis.call('HDEL', prefix .. 'members', worker)
end

local function reserve(prefix, task, number, now, length)
  local till = string.format('%.0f', now + length)
  redis.call('HSET', prefix .. 'tasks', task, number .. ':' .. till .. ':' .. length)
  redis.call('ZADD', prefix .. 'due', till, task)
end
