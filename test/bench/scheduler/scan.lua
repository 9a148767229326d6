-- The baseline of the scheduler benchmark: looks at every worker for each pick.
-- KEYS  workers (hash: worker -> load:most:isp:region, loads in millionths), tasks (hash)
-- ARGV  isp or '', region or '', cost in millionths, task
-- Gives the least loaded worker that fits, nothing when there is none.

local all = redis.call('HGETALL', KEYS[1])
local found, least, most, isp, region
for i = 1, #all, 2 do
  local l, m, at, near = string.match(all[i + 1], '^(%d+):(%d+):([^:]*):([^:]*)$')
  local load = tonumber(l)
  if load < tonumber(m) and (at == '' or at == ARGV[1]) and (near == '' or near == ARGV[2]) then
    if not least or load < least then found, least, most, isp, region = all[i], load, m, at, near end
  end
end
if not found then return end
redis.call('HSET', KEYS[1], found, (least + ARGV[3]) .. ':' .. most .. ':' .. isp .. ':' .. region)
redis.call('HSET', KEYS[2], ARGV[4], found)
return found
