/**
 * The protocol's steps as Lua, each of which Redis runs at one go.
 */

/** Lua: what a reader is told who finds a write under way. Needs `writes`, the key, and `limit`, milliseconds. */
const pending = `
local function pending(writes, limit)
  local oldest = redis.call('ZRANGE', writes, 0, 0, 'WITHSCORES')
  if not oldest[1] then return '~abandoned' end
  local time = redis.call('TIME')
  local age = time[1] * 1000 + math.floor(time[2] / 1000) - oldest[2]
  if age > tonumber(limit) then return '~abandoned' end
  return '~busy'
end
`;

/** KEYS user, epoch, writes. ARGV token, epoch, lease's ms, ms after which a write counts as abandoned */
const leaseUser = `${pending}
local value = redis.call('GET', KEYS[1])
if value and string.sub(value, 1, 1) ~= '~' then return value end
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return '~lost' end
if value and string.sub(value, 1, 7) == '~write:' then return pending(KEYS[3], ARGV[4]) end
if value then return '~busy' end
redis.call('SET', KEYS[1], '~lease:' .. ARGV[1], 'PX', ARGV[3])
return '~granted'
`;

/** KEYS user, epoch. ARGV token, epoch, value, its ms */
const fillUser = `
if redis.call('GET', KEYS[1]) ~= '~lease:' .. ARGV[1] then return 0 end
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1
`;

/** KEYS user. ARGV token */
const releaseUser = `
if redis.call('GET', KEYS[1]) ~= '~lease:' .. ARGV[1] then return 0 end
return redis.call('UNLINK', KEYS[1])
`;

/**
 * A field can't expire by itself: its lease says until when it holds. The list's ms begin with its first page.
 *
 * KEYS list, epoch, writes. ARGV token, epoch, lease's ms, abandoned ms, page, list's ms, pages at most
 */
const leasePage = `${pending}
local value = redis.call('HGET', KEYS[1], ARGV[5])
if value and string.sub(value, 1, 1) ~= '~' then return value end
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return '~lost' end
if redis.call('EXISTS', KEYS[3]) == 1 then return pending(KEYS[3], ARGV[4]) end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if value and tonumber(string.match(value, '^~lease:.*:(%d+)$') or 0) > now then return '~busy' end
if not value and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[7]) then redis.call('UNLINK', KEYS[1]) end
redis.call('HSET', KEYS[1], ARGV[5], string.format('~lease:%s:%d', ARGV[1], now + ARGV[3]))
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[6]) end
return '~granted'
`;

/** Lua: whether a field holds the lease of a token. */
const holdsPage = `
local function holds(value, token)
  local prefix = '~lease:' .. token .. ':'
  return value and string.sub(value, 1, #prefix) == prefix
end
`;

/** KEYS list, epoch. ARGV token, epoch, page, value */
const fillPage = `${holdsPage}
if not holds(redis.call('HGET', KEYS[1], ARGV[3]), ARGV[1]) then return 0 end
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[3], ARGV[4])
return 1
`;

/** KEYS list. ARGV token, page */
const releasePage = `${holdsPage}
if not holds(redis.call('HGET', KEYS[1], ARGV[2]), ARGV[1]) then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[2])
`;

/** Several writes can be under way on one user: a tombstone names them all. KEYS epoch, writes, list, users… ARGV epoch, write */
const beginWrite = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[2])
redis.call('UNLINK', KEYS[3])
for i = 4, #KEYS do
  local value = redis.call('GET', KEYS[i])
  if value and string.sub(value, 1, 7) == '~write:' then
    redis.call('SET', KEYS[i], value .. ',' .. ARGV[2])
  else
    redis.call('SET', KEYS[i], '~write:' .. ARGV[2])
  end
end
return 1
`;

/** KEYS and ARGV as above. */
const finishWrite = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if redis.call('ZREM', KEYS[2], ARGV[2]) == 0 then return 0 end
redis.call('UNLINK', KEYS[3])
for i = 4, #KEYS do
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

/** KEYS epoch, keys to remove… ARGV token */
const clearClaimed = `
if redis.call('GET', KEYS[1]) ~= '~claim:' .. ARGV[1] then return 0 end
for i = 2, #KEYS do redis.call('UNLINK', KEYS[i]) end
return 1
`;

/** KEYS epoch. ARGV token, epoch */
const openClaimed = `
if redis.call('GET', KEYS[1]) ~= '~claim:' .. ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
`;

/** As ioredis takes them; those without numberOfKeys are called with it. */
export const scripts = {
  leaseUser: { lua: leaseUser, numberOfKeys: 3 },
  fillUser: { lua: fillUser, numberOfKeys: 2 },
  releaseUser: { lua: releaseUser, numberOfKeys: 1 },
  leasePage: { lua: leasePage, numberOfKeys: 3 },
  fillPage: { lua: fillPage, numberOfKeys: 2 },
  releasePage: { lua: releasePage, numberOfKeys: 1 },
  beginWrite: { lua: beginWrite },
  finishWrite: { lua: finishWrite },
  clearClaimed: { lua: clearClaimed },
  openClaimed: { lua: openClaimed, numberOfKeys: 1 },
};
