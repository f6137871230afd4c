import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from './ports.ts';

test('a port that is taken for a server that does not listen yet is given to nobody else', async (t) => {
  const throws = [0.5, 0.5, 0.25];
  t.mock.method(Math, 'random', () => throws.shift());
  assert.deepEqual([await freePort(), await freePort()], [21_000, 15_500]);
});
