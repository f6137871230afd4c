import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFunction } from '../../router/manifest.ts';
import { concurrencyOf } from './concurrency.ts';

const one = (name: string, more: object = {}) => parseFunction({ name, ...more }, '/app/dist');
const list = [
  one('read', { reservedConcurrentExecutions: 1024, provisionedConcurrency: 3 }),
  one('write'),
  one('batch', { reservedConcurrentExecutions: 16 }),
  one('migrate', { onStart: true }),
];

test('keeps caps of their own, and divides the rest evenly', () => {
  assert.deepEqual(
    [...concurrencyOf(list, 100)],
    [
      ['read', 41],
      ['write', 41],
      ['batch', 16],
      ['migrate', 1],
    ],
  );
});

test('refuses a budget in which a function has no room for its warm environments, and one beyond an account', () => {
  assert.throws(() => concurrencyOf(list, 22), /22 is too small for 4 functions/);
  assert.doesNotThrow(() => concurrencyOf(list, 23));
  assert.throws(() => concurrencyOf(list, 10), /too small/);
  assert.throws(() => concurrencyOf(list, 901), /901 is more than the 900/);
});
