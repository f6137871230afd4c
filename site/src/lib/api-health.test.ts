import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf, readHealth } from './api-health.ts';

test('tells a cache that works, is full, is bypassed for a reason, or does not exist', () => {
  const body = { database: 'ok', databaseEngine: 'sqlite', cacheEngine: 'redis' };
  for (const cache of ['ok', 'full', 'bypass'] as const) assert.equal(readHealth({ ...body, cache }).cache, cache);
  assert.equal(readHealth({ ...body, cache: 'bypass', cacheReason: 'replica' }).cacheReason, 'replica');
  assert.equal(readHealth({ ...body, cacheEngine: 'none', cache: 'bypass', cacheReason: 'none' }).cache, 'off');
});

test('tells a database that is lost from one that does not answer', () => {
  assert.partialDeepStrictEqual(readHealth({ database: 'lost' }), { database: 'down', isDatabaseLost: true });
  assert.partialDeepStrictEqual(readHealth({ database: 'unreachable' }), { database: 'down', isDatabaseLost: false });
});

test('knows nothing from another body, and ignores words that it does not know', () => {
  const unknown = { database: 'unknown', databaseEngine: undefined, cache: 'unknown', cacheEngine: undefined };
  for (const body of [undefined, null, 'ok', [], {}, { cache: 1, cacheEngine: 'memcached', databaseEngine: 5 }]) {
    assert.partialDeepStrictEqual(readHealth(body), unknown);
  }
});

test('names Redis, SQLite and PostgreSQL only where the API has named them', () => {
  assert.deepEqual([placeOf(true), placeOf(false)], ['cache', 'database']);
  const engines = { cacheEngine: 'redis-cluster', databaseEngine: 'postgres' } as const;
  assert.deepEqual([placeOf(true, engines), placeOf(false, engines)], ['redis', 'postgres']);
  assert.equal(placeOf(true, { cacheEngine: 'embedded' }), 'cache');
});
