import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneAtATime } from './one-at-a-time.ts';

/** @returns work that ends when the test says so, and its runs so far */
function heldWork() {
  const runs: PromiseWithResolvers<number>[] = [];
  const call = oneAtATime(() => {
    const run = Promise.withResolvers<number>();
    runs.push(run);
    return run.promise;
  });
  return { runs, call };
}

test('calls during a run share the next run, whose result is not older than they are', async () => {
  const { runs, call } = heldWork();
  const first = call();
  const others = Array.from({ length: 100 }, call);
  assert.equal(runs.length, 1);
  runs[0]?.resolve(1);
  assert.equal(await first, 1);
  assert.equal(runs.length, 2);
  runs[1]?.resolve(2);
  assert.deepEqual([...new Set(await Promise.all(others))], [2]);
  const later = call();
  assert.equal(runs.length, 3);
  runs[2]?.resolve(3);
  assert.equal(await later, 3);
});

test('a run that fails fails its own calls alone', async () => {
  const { runs, call } = heldWork();
  const [first, second] = [call(), call()];
  runs[0]?.reject(new Error('no'));
  await assert.rejects(first, /no/);
  runs[1]?.resolve(2);
  assert.equal(await second, 2);
});
