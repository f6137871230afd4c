import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineMemory } from './engines.ts';

test('asks the API once, again in the background when the answer is old, and keeps it when the API fails', async () => {
  let body: unknown;
  let requests = 0;
  const api = {
    ask: async () => {
      requests++;
      if (body === undefined) return { ok: false as const, failure: { kind: 'slow' as const } };
      return {
        ok: true as const,
        answer: { body: body as never, status: 200, headers: new Headers(), milliseconds: 1 },
      };
    },
  };
  const memory = new EngineMemory();
  assert.deepEqual(await memory.read(api, 0), {});
  body = { databaseEngine: 'sqlite', cacheEngine: 'embedded' };
  assert.deepEqual(await memory.read(api, 1), {});
  const first = { databaseEngine: 'sqlite', cacheEngine: 'embedded' };
  assert.deepEqual(await memory.read(api, 20_000), first);
  assert.deepEqual(await memory.read(api, 20_001), first);
  assert.equal(requests, 2);
  body = { databaseEngine: 'postgres', cacheEngine: 'redis' };
  assert.deepEqual(await memory.read(api, 40_000), first);
  assert.deepEqual(await memory.read(api, 40_001), body);
  body = undefined;
  await memory.read(api, 60_000);
  assert.deepEqual(await memory.read(api, 60_001), { databaseEngine: 'postgres', cacheEngine: 'redis' });
});
