-- A worker is alive: what it says replaces what it said before.
-- KEYS  said (hash), heard (zset), joined (zset), purposes (hash), numbers (counter), ended (zset)
-- ARGV  tag, worker, now ms, announcement, settle ms,
--       then for each purpose: purpose, kind, load in millionths or '', the load it has to be below, state, measured cost of
--       a task in millionths or ''

local function kind_id(prefix, kind)
  local id = redis.call('HGET', prefix .. 'ids', kind)
  if id then return id end
  id = tostring(redis.call('INCR', KEYS[5]))
  redis.call('HSET', prefix .. 'ids', kind, id)
  redis.call('HSET', prefix .. 'kinds', id, kind)
  kinds_changed(prefix)
  return id
end

local function enter(prefix, worker, now, settle, kind, load, most, state, cost)
  local number = redis.call('HGET', prefix .. 'members', worker)
  local was = {}
  if number then
    was = redis.call('HMGET', prefix .. number, 'kind', 'load', 'fresh', 'aging', 'turned')
  else
    number = string.format('%012d', redis.call('INCR', KEYS[5]))
    redis.call('HSET', prefix .. 'members', worker, number)
  end
  local id = kind_id(prefix, kind)
  if was[1] ~= id then
    redis.call('HINCRBY', prefix .. 'counts', id, 1)
    if was[1] then leave_kind(prefix, was[1], number) end
  end
  if load == '' then load = was[2] or '' end
  local fresh, aging, turned = was[3] or 0, was[4] or 0, was[5]
  -- See edge/cluster/load-estimate.ts.
  if not turned or now - turned >= settle then fresh, aging, turned = 0, fresh, now end
  redis.call('HSET', prefix .. number, 'worker', worker, 'kind', id, 'state', state, 'most', most, 'load', load,
    'fresh', fresh, 'aging', aging, 'cost', cost, 'turned', string.format('%.0f', turned))
  local total = load ~= '' and load + fresh + aging
  if total and state == 'ready' and total < tonumber(most) then
    redis.call('ZADD', prefix .. 'load:' .. id, total, number)
    redis.call('ZADD', prefix .. 'turn:' .. id, 0, number)
  else
    unavailable(prefix, id, number)
  end
end

local tag, worker, now, settle = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])
if redis.call('ZSCORE', KEYS[6], worker) then return end
redis.call('HSET', KEYS[1], worker, ARGV[4])
redis.call('ZADD', KEYS[2], 'GT', now, worker)
if not redis.call('ZSCORE', KEYS[3], worker) then
  redis.call('ZADD', KEYS[3], redis.call('INCR', KEYS[5]), worker)
end
local names, serves = {}, {}
for i = 6, #ARGV, 6 do
  enter(tag .. ARGV[i] .. ':', worker, now, settle, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4],
    ARGV[i + 5])
  names[#names + 1] = ARGV[i]
  serves[ARGV[i]] = true
end
local list = table.concat(names, ',')
local before = redis.call('HGET', KEYS[4], worker)
if before ~= list then
  for purpose in string.gmatch(before or '', '[^,]+') do
    if not serves[purpose] then leave(tag .. purpose .. ':', worker) end
  end
  redis.call('HSET', KEYS[4], worker, list)
end
