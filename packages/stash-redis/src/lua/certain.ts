/**
 * Lua that defines `certain(reply, key)`: gives the reply "absent" (0) or "another owner's" (-1) only if
 * this server may write, and the error reply of Redis if it may not.
 *
 * A replica reads what it has, which may be old or nothing at all, and its reads look like any other. A
 * primary whose replicas are gone (`min-replicas-to-write`) or whose disk fails has been replaced, maybe.
 * So a write that changes nothing is tried first. No room for writes is no reason for doubt.
 */
export const certain = `
local function certain(reply, key)
  local tried
  if reply == 0 then
    tried = redis.pcall('DEL', key)
  else
    tried = redis.pcall('SET', key, '', 'NX')
  end
  if type(tried) == 'table' and tried.err and not string.find(tried.err, 'OOM', 1, true) then
    return tried
  end
  return reply
end
`;
