import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRowCache } from './row-cache.ts';

test('rows are rendered once, and never exceed the size', () => {
  const { rows, byteCount } = createRowCache(10_000);
  let renderings = 0;
  const render = () => {
    renderings++;
    return 'x'.repeat(1_000);
  };
  rows('a', render);
  rows('a', render);
  assert.equal(renderings, 1);
  for (let list = 0; list < 500; list++) rows(`list ${list}`, render);
  assert.ok(byteCount() > 5_000 && byteCount() <= 10_000, String(byteCount()));
  rows('list 499', render);
  assert.equal(renderings, 501);
});

test('rows that are larger than the cache are not kept', () => {
  for (const maxBytes of [0, 1_000]) {
    const { rows, byteCount } = createRowCache(maxBytes);
    assert.equal(rows('a', () => 'x'.repeat(1_000)).length, 1_000);
    assert.equal(byteCount(), 0);
  }
});
