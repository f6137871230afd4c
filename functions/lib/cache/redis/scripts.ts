/**
 * The operations of the cache protocol as Lua scripts. Redis runs each script atomically.
 *
 * Markers: `~lease:TOKEN` (in a list with `:` and the end of the lease in milliseconds since 1970), `~write:WRITE,WRITE…`
 * (a tombstone, which names every write in progress on the item), and `~claim:TOKEN` in the place of the epoch.
 */

/**
 * The first line of a script that frees memory. Without it, Redis refuses the script when its memory is full, and nothing
 * could empty Redis. @see https://redis.io/docs/latest/develop/programmability/lua-api/#script_flags
 */
const allowedWhenFull = '#!lua flags=allow-oom';

/** Lua: the reply to a reader while a write is in progress. `limit` is in milliseconds. */
const pendingWrites = `
local function pendingWrites(writes, limit)
  local oldest = redis.call('ZRANGE', writes, 0, 0, 'WITHSCORES')
  if not oldest[1] then return '~abandoned' end
  local time = redis.call('TIME')
  local age = time[1] * 1000 + math.floor(time[2] / 1000) - oldest[2]
  if age > tonumber(limit) then return '~abandoned' end
  return '~busy'
end
`;

/** KEYS item, epoch, writes. ARGV token, epoch, lease TTL (ms), age of an abandoned write (ms) */
const leaseItem = `${pendingWrites}
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return '~lost' end
local value = redis.call('GET', KEYS[1])
if value and string.sub(value, 1, 1) ~= '~' then return value end
if value and string.sub(value, 1, 7) == '~write:' then return pendingWrites(KEYS[3], ARGV[4]) end
if value then return '~busy' end
redis.call('SET', KEYS[1], '~lease:' .. ARGV[1], 'PX', ARGV[3])
return '~granted'
`;

/** KEYS item, epoch. ARGV token, epoch, value, TTL (ms) */
const fillItem = `
if redis.call('GET', KEYS[1]) ~= '~lease:' .. ARGV[1] then return 0 end
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1
`;

/** KEYS item. ARGV token */
const releaseItem = `
if redis.call('GET', KEYS[1]) ~= '~lease:' .. ARGV[1] then return 0 end
return redis.call('UNLINK', KEYS[1])
`;

/**
 * A field has no TTL of its own, so its lease contains its end. The TTL of the list begins with its first field.
 *
 * KEYS list, epoch, writes. ARGV token, epoch, lease TTL (ms), age of an abandoned write (ms), query, list TTL (ms),
 * maximum of queries
 */
const leaseList = `${pendingWrites}
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return '~lost' end
local value = redis.call('HGET', KEYS[1], ARGV[5])
if value and string.sub(value, 1, 1) ~= '~' then return value end
if redis.call('EXISTS', KEYS[3]) == 1 then return pendingWrites(KEYS[3], ARGV[4]) end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if value and tonumber(string.match(value, '^~lease:.*:(%d+)$') or 0) > now then return '~busy' end
if not value and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[7]) then redis.call('UNLINK', KEYS[1]) end
redis.call('HSET', KEYS[1], ARGV[5], string.format('~lease:%s:%d', ARGV[1], now + ARGV[3]))
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[6]) end
return '~granted'
`;

/** Lua: whether a field holds the lease of a token. */
const holdsLease = `
local function holdsLease(value, token)
  local prefix = '~lease:' .. token .. ':'
  return value and string.sub(value, 1, #prefix) == prefix
end
`;

/**
 * The field `~bytes` counts the bytes of the values. No query has this name, since each begins with its sort.
 *
 * KEYS list, epoch. ARGV token, epoch, query, value, list TTL (ms), maximum of bytes
 */
const fillList = `${holdsLease}
if not holdsLease(redis.call('HGET', KEYS[1], ARGV[3]), ARGV[1]) then return 0 end
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
local size = #ARGV[3] + #ARGV[4]
local limit = tonumber(ARGV[6])
if size > limit then
  redis.call('HDEL', KEYS[1], ARGV[3])
  return 0
end
if redis.call('HINCRBY', KEYS[1], '~bytes', size) <= limit then
  redis.call('HSET', KEYS[1], ARGV[3], ARGV[4])
  return 1
end
redis.call('UNLINK', KEYS[1])
redis.call('HSET', KEYS[1], '~bytes', size, ARGV[3], ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
`;

/** KEYS list. ARGV token, query */
const releaseList = `${holdsLease}
if not holdsLease(redis.call('HGET', KEYS[1], ARGV[2]), ARGV[1]) then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[2])
`;

/** KEYS epoch, for each resource its writes and its list, all items. ARGV epoch, write, number of resources */
const beginWrite = `${allowedWhenFull}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local time = redis.call('TIME')
local firstItem = 2 + 2 * ARGV[3]
for i = 2, firstItem - 1, 2 do
  redis.call('ZADD', KEYS[i], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[2])
  redis.call('UNLINK', KEYS[i + 1])
end
for i = firstItem, #KEYS do
  local value = redis.call('GET', KEYS[i])
  if value and string.sub(value, 1, 7) == '~write:' then
    redis.call('SET', KEYS[i], value .. ',' .. ARGV[2])
  else
    redis.call('SET', KEYS[i], '~write:' .. ARGV[2])
  end
end
return 1
`;

/** KEYS and ARGV as those of beginWrite. */
const finishWrite = `${allowedWhenFull}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local firstItem = 2 + 2 * ARGV[3]
for i = 2, firstItem - 1, 2 do
  if redis.call('ZREM', KEYS[i], ARGV[2]) == 0 then return 0 end
  redis.call('UNLINK', KEYS[i + 1])
end
for i = firstItem, #KEYS do
  local value = redis.call('GET', KEYS[i])
  local others = {}
  if value and string.sub(value, 1, 7) == '~write:' then
    for write in string.gmatch(string.sub(value, 8), '[^,]+') do
      if write ~= ARGV[2] then others[#others + 1] = write end
    end
  end
  if #others > 0 then
    redis.call('SET', KEYS[i], '~write:' .. table.concat(others, ','))
  else
    redis.call('UNLINK', KEYS[i])
  end
end
return 1
`;

/** KEYS epoch. ARGV token */
const claimEpoch = `${allowedWhenFull}
redis.call('SET', KEYS[1], '~claim:' .. ARGV[1])
return 1
`;

/** KEYS epoch, keys to remove. ARGV token */
const clearClaimed = `${allowedWhenFull}
if redis.call('GET', KEYS[1]) ~= '~claim:' .. ARGV[1] then return 0 end
for i = 2, #KEYS do redis.call('UNLINK', KEYS[i]) end
return 1
`;

/** KEYS epoch. ARGV token, epoch */
const openClaimed = `${allowedWhenFull}
if redis.call('GET', KEYS[1]) ~= '~claim:' .. ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
`;

/** The option `scripts` of ioredis. Without `numberOfKeys`, the caller passes the number as the first argument. */
export const scripts = {
  leaseItem: { lua: leaseItem, numberOfKeys: 3 },
  fillItem: { lua: fillItem, numberOfKeys: 2 },
  releaseItem: { lua: releaseItem, numberOfKeys: 1 },
  leaseList: { lua: leaseList, numberOfKeys: 3 },
  fillList: { lua: fillList, numberOfKeys: 2 },
  releaseList: { lua: releaseList, numberOfKeys: 1 },
  beginWrite: { lua: beginWrite },
  finishWrite: { lua: finishWrite },
  claimEpoch: { lua: claimEpoch, numberOfKeys: 1 },
  clearClaimed: { lua: clearClaimed },
  openClaimed: { lua: openClaimed, numberOfKeys: 1 },
};
