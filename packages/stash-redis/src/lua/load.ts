import { certain, defineScript, nodeTime } from "./script.ts";

/**
 * Loads stashes, each for a new owner, and sets their deadlines.
 *
 * KEYS[i]  the key of a stash
 * ARGV[1]  when the command was sent, in ms since the epoch
 * and for each key:
 *   owner         length of the new owner (2 digits) and the new owner
 *   write number  14 digits
 *   deadline      in ms since the epoch
 *
 * Replies for each key:
 *   the value as it was, with its earlier owner
 *   0   absent
 *  -1   the stash belongs to an owner of a later order
 *   an error of Redis, such as OOM
 */
export const loadScript = defineScript(
  64,
  `${nodeTime}${certain}
-- An owner begins with its order, 10 digits to base 36. Orders are compared as numbers, because Lua
-- compares text by the locale of Redis, and in some locales y precedes j.
local function is_earlier(owner, value)
  local order = tonumber(string.sub(owner, 3, 12), 36) or 0
  return order < (tonumber(string.sub(value, 4, 13), 36) or 0)
end
local replies = {}
for i = 1, #KEYS do
  local at = 3 * i - 1
  local value = redis.pcall('GET', KEYS[i])
  local reply = value
  if not value then
    reply = certain(0, KEYS[i])
  elseif type(value) == 'string' then
    local ttl_ms = ARGV[at + 2] - now_ms
    local owner_length = tonumber(string.sub(value, 2, 3))
    if not owner_length then
      -- Not the value of a stash: return it unchanged, so that the adapter reports it.
    elseif is_earlier(ARGV[at], value) then
      reply = certain(-1, KEYS[i])
    elseif ttl_ms > 0 then
      local format = string.sub(value, 1, 1)
      local record = string.sub(value, 18 + owner_length)
      local owned = format .. ARGV[at] .. ARGV[at + 1] .. record
      local written = redis.pcall('SET', KEYS[i], owned, 'PX', ttl_ms)
      if written.err then reply = written end
    else
      redis.call('DEL', KEYS[i])
    end
  end
  replies[i] = reply
end
return replies
`,
);
