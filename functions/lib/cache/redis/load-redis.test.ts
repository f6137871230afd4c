import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadRedis } from './load-redis.ts';

test('the client has the commands that the cache uses, and not the hundreds that it does not', async () => {
  const { prototype } = (await loadRedis()).Redis;
  for (const command of ['mget', 'hmget', 'set', 'scan', 'info', 'ping'] as const) {
    assert.equal(typeof prototype[command], 'function', command);
  }
  assert.equal('zadd' in prototype, false);
});
