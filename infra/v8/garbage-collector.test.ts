import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectGarbage } from './garbage-collector.ts';

test('a collection frees what nobody refers to, and leaves no gc for other code', async () => {
  const garbage = new WeakRef({});
  // A WeakRef keeps its object until the end of the turn.
  await new Promise(setImmediate);
  collectGarbage();
  assert.equal(garbage.deref(), undefined);
  assert.equal(typeof gc, 'undefined');
});
