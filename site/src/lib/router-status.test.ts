import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeFunctions, readStatus } from './router-status.ts';

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
  assert.deepEqual(only?.environments, [{ id: '1', state: 'idle', invocations: 0 }]);
});

test('a body that is not a status is undefined', () => {
  for (const body of [undefined, null, 'ok', [], {}, { functions: 'many' }]) assert.equal(readStatus(body), undefined);
});

test('figures of several routers are added up, and the slowest and the worst state count', () => {
  const router = (state: string, count: number, durationMs?: object) =>
    readStatus({
      functions: [
        {
          name: 'get-user',
          state,
          environments: [{ id: 'a' }],
          invocations: count,
          errors: count,
          inFlight: count,
          durationMs,
        },
        { name: `only-${count}`, state },
      ],
    }) ?? assert.fail();
  const merged = mergeFunctions([
    router('active', 1, { p50: 1, p99: 50 }),
    router('failed', 2, { p50: 2, p99: 20 }),
    router('inactive', 4),
  ]);
  assert.deepEqual(
    merged.map(({ name }) => name),
    ['get-user', 'only-1', 'only-2', 'only-4'],
  );
  const { state, environments, invocations, errors, inFlight, duration, init } = merged[0] ?? assert.fail();
  assert.deepEqual([state, environments.length, invocations, errors, inFlight], ['failed', 3, 7, 7, 7]);
  assert.deepEqual([duration, init], [{ p50: 2, p99: 50 }, undefined]);
});
