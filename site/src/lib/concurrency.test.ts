import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapConcurrently } from './concurrency.ts';

test('results keep the order of the items, and no more run at once than allowed', async () => {
  let running = 0;
  let peak = 0;
  const results = await mapConcurrently([5, 4, 3, 2, 1], 2, async (turns) => {
    peak = Math.max(peak, ++running);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    running--;
    return turns * 10;
  });
  assert.deepEqual(results, [50, 40, 30, 20, 10]);
  assert.equal(peak, 2);
});

test('a failure of one item rejects', async () => {
  await assert.rejects(
    mapConcurrently([1], 3, () => Promise.reject(new Error('no'))),
    /no/,
  );
});
