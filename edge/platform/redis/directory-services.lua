-- Reads services with the ids of their rooms.
-- Keys   1 services (hash id -> bytes)
-- Args   1 what the keys of lists of rooms begin with, in the same slot; the id of the service follows   2 … ids, or none
--        for all
-- Reply  a list of {bytes, {ids of rooms}}; unknown ids are left out
-- Atomic; writes nothing.
local ids = { unpack(ARGV, 2) }
if #ids == 0 then ids = redis.call('HKEYS', KEYS[1]) end
local found = {}
for _, id in ipairs(ids) do
  local bytes = redis.call('HGET', KEYS[1], id)
  if bytes then found[#found + 1] = { bytes, redis.call('LRANGE', ARGV[1] .. id, 0, -1) } end
end
return found
