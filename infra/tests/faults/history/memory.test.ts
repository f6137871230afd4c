import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryGrowth } from './memory.ts';

const run = (mb: (second: number) => number) =>
  memoryGrowth(Array.from({ length: 60 }, (_, second) => ({ router: mb(second), all: 500 })));

test('memory that grows until the end of a run is found', () => {
  assert.deepEqual(
    run((second) => 60 + 2 * second),
    ['memory (router) grew from 104 to 164 MB'],
  );
});

test('memory that grows during the warm-up, or for a moment, is not', () => {
  assert.deepEqual(
    run((second) => Math.min(20 + 10 * second, 120)),
    [],
  );
  assert.deepEqual(
    run((second) => (second % 10 === 0 ? 900 : 80)),
    [],
  );
});
