import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from './ports.ts';

test('a port that is taken for a server that does not listen yet is given to nobody else', async (t) => {
  const throws = [0.5, 0.5, 0.25];
  t.mock.method(Math, 'random', () => throws.shift());
  assert.deepEqual([await freePort(), await freePort()], [21_081, 15_581]);
});

test('fetch accepts even the lowest port', async (t) => {
  t.mock.method(Math, 'random', () => 0);
  const address = `http://127.0.0.1:${await freePort()}`;
  await assert.rejects(fetch(address), ({ cause }) => /ECONNREFUSED/.test(String(cause)));
});
