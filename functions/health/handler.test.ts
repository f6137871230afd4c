import assert from 'node:assert/strict';
import { it } from 'node:test';
import { invoke, sample } from '#lib/testing/function.ts';

const { handler } = await import('./handler.ts');

it('reports that database and cache answer', async () => {
  const answer = await invoke(handler, sample('health', 'get'));
  assert.equal(answer.status, 200);
  const database = { database: 'ok', databaseEngine: 'sqlite' };
  assert.deepEqual(answer.body, { status: 'ok', ...database, cache: 'ok', cacheEngine: 'embedded' });
});
