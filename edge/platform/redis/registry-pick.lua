-- Picks a worker for a task: the one it has, else one of the kinds that fit, by a strategy (edge/cluster/strategy.ts).
-- KEYS  tasks (hash), due (zset), chosen (hash), version
-- ARGV  prefix, now ms, task, reserve ms, cost in millionths, strategy, chance, version of the kinds that the caller knows,
--       kinds that can do what is asked ('all': each can), a list of kind ids between commas,
--       how many workers are taken before all others and these, then the tiers in order, each such a list
-- Gives 'worker', id  |  'why', 'nobody' or 'full' or 'mismatch'  |  'kinds', version, id, kind, id, kind, …: those that
-- the caller knows are not those that are.

local prefix, now, task = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local length, cost, strategy, chance = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7])

for _, old in ipairs(redis.call('ZRANGE', KEYS[2], '-inf', now, 'BYSCORE', 'LIMIT', 0, 2)) do
  redis.call('ZREM', KEYS[2], old)
  redis.call('HDEL', KEYS[1], old)
end

local function is_able(number)
  if ARGV[9] == 'all' then return true end
  local kind = redis.call('HGET', prefix .. number, 'kind')
  for id in string.gmatch(ARGV[9], '%d+') do
    if id == kind then return true end
  end
  return false
end

local known = redis.call('HGET', KEYS[1], task)
local holder
if known then
  local number, till, longest = string.match(known, '^(%d+):(%w+):(%d+)$')
  local keeper = redis.call('HMGET', prefix .. number, 'worker', 'state')
  if till == 'held' then holder = number end
  if keeper[1] and keeper[2] ~= 'draining' and (holder or tonumber(till) > now) and is_able(number) then
    length = math.max(length, tonumber(longest))
    if holder then
      redis.call('HSET', KEYS[1], task, number .. ':held:' .. length)
    else
      reserve(prefix, task, number, now, length)
    end
    return { 'worker', keeper[1] }
  end
end

local version = redis.call('GET', KEYS[4])
if version and version ~= ARGV[8] then
  local reply = redis.call('HGETALL', prefix .. 'kinds')
  table.insert(reply, 1, version)
  table.insert(reply, 1, 'kinds')
  return reply
end

local function first_of(kinds, last)
  local found
  for _, id in ipairs(kinds) do
    local first
    if last then
      first = redis.call('ZRANGE', prefix .. 'turn:' .. id, '(' .. last, '+', 'BYLEX', 'LIMIT', 0, 1)[1]
    else
      first = redis.call('ZRANGE', prefix .. 'turn:' .. id, 0, 0)[1]
    end
    if first and (not found or first < found) then found = first end
  end
  return found
end

local function is_available(kinds, number)
  local kind = redis.call('HGET', prefix .. number, 'kind')
  for _, id in ipairs(kinds) do
    if id == kind then return redis.call('ZSCORE', prefix .. 'turn:' .. id, number) end
  end
  return false
end

local function extreme(kinds, command, better)
  local found, best
  for _, id in ipairs(kinds) do
    local member = redis.call(command, prefix .. 'load:' .. id, 0, 0, 'WITHSCORES')
    local load = tonumber(member[2])
    if load and (not found or better(load, best) or (load == best and better(member[1], found))) then
      found, best = member[1], load
    end
  end
  return found
end

local function lower(one, other) return one < other end
local function higher(one, other) return one > other end

local choose = {
  ['last-used'] = function(kinds, last)
    if last and is_available(kinds, last) then return last end
    return first_of(kinds)
  end,
  ['round-robin'] = function(kinds, last)
    return (last and is_available(kinds, last) and first_of(kinds, last)) or first_of(kinds)
  end,
  ['least-used'] = function(kinds) return extreme(kinds, 'ZRANGE', lower) end,
  ['most-used'] = function(kinds) return extreme(kinds, 'ZREVRANGE', higher) end,
  ['randomly-pick'] = function(kinds)
    local sizes, all = {}, 0
    for i, id in ipairs(kinds) do
      sizes[i] = redis.call('ZCARD', prefix .. 'turn:' .. id)
      all = all + sizes[i]
    end
    local index = math.floor(chance * all)
    for i, id in ipairs(kinds) do
      if index < sizes[i] then return redis.call('ZRANGE', prefix .. 'turn:' .. id, index, index)[1] end
      index = index - sizes[i]
    end
  end,
}

-- The cost counts as load at once: what is full leaves the available ones in this very script.
local function assign(number)
  local worker, id, load, fresh, aging, most, measured =
    unpack(redis.call('HMGET', prefix .. number, 'worker', 'kind', 'load', 'fresh', 'aging', 'most', 'cost'))
  local cost = tonumber(measured or '') or cost
  if cost > 0 then
    local total = load + aging + redis.call('HINCRBY', prefix .. number, 'fresh', cost)
    if total < tonumber(most) then
      redis.call('ZADD', prefix .. 'load:' .. id, total, number)
    else
      unavailable(prefix, id, number)
    end
  end
  if holder then redis.call('SREM', prefix .. 'held:' .. holder, task) end
  reserve(prefix, task, number, now, length)
  return { 'worker', worker }
end

local remembers = strategy == 'last-used' or strategy == 'round-robin'
local first_tier = 11 + tonumber(ARGV[10])
for i = 11, first_tier - 1 do
  local number = redis.call('HGET', prefix .. 'members', ARGV[i])
  local kinds = {}
  for id in string.gmatch(table.concat(ARGV, ',', first_tier), '%d+') do kinds[#kinds + 1] = id end
  if number and is_available(kinds, number) then return assign(number) end
end
for i = first_tier, #ARGV do
  local kinds = {}
  for id in string.gmatch(ARGV[i], '%d+') do kinds[#kinds + 1] = id end
  local last = remembers and redis.call('HGET', KEYS[3], ARGV[i])
  local number = choose[strategy](kinds, last)
  if number then
    if remembers and number ~= last then
      if redis.call('HLEN', KEYS[3]) >= 1000 then redis.call('DEL', KEYS[3]) end
      redis.call('HSET', KEYS[3], ARGV[i], number)
    end
    return assign(number)
  end
end

if redis.call('HLEN', prefix .. 'members') == 0 then return { 'why', 'nobody' } end
for _, id in ipairs(redis.call('HKEYS', prefix .. 'kinds')) do
  if redis.call('ZCARD', prefix .. 'turn:' .. id) > 0 then return { 'why', 'mismatch' } end
end
return { 'why', 'full' }
