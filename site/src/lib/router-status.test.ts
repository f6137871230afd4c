import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStatus } from './router-status.ts';

test('missing fields have a fallback', () => {
  const status = readStatus({
    uptimeSeconds: 5,
    functions: [
      {
        name: 'get-user',
        route: null,
        state: 'active',
        environments: [{ id: 1, state: 'idle' }, null],
        durationMs: { p50: null, p99: null },
      },
      { state: 'nameless' },
      'nonsense',
    ],
  });
  assert.equal(status?.functions.length, 1);
  const [only] = status?.functions ?? [];
  assert.equal(only?.route, undefined);
  assert.equal(only?.duration, undefined);
  assert.deepEqual(only?.environments, [{ id: '1', pid: 0, state: 'idle', invocations: 0 }]);
});

test('a body that is not a status is undefined', () => {
  for (const body of [undefined, null, 'ok', [], {}, { functions: 'many' }]) assert.equal(readStatus(body), undefined);
});
