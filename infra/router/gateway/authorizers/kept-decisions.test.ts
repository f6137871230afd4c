import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LRUCache } from 'lru-cache';
import { type DecisionStore, KeptDecisions } from './kept-decisions.ts';

const decisions = (store = new LRUCache({ maxSize: 100_000 }) as DecisionStore, prefix = 'a') =>
  new KeptDecisions<{ isAllowed: boolean }>(store, prefix);

test('a decision that is no longer valid is not kept', async () => {
  for (const validMs of [0, -1, 0.5]) {
    const kept = decisions();
    await kept.share('key', async () => ({ value: { isAllowed: true }, validMs }));
    assert.equal(kept.get('key'), undefined, `${validMs} ms`);
  }
});

test('authorizers share a store and no decisions', async () => {
  const store: DecisionStore = new LRUCache({ maxSize: 100_000 });
  const [one, other] = [decisions(store, 'one'), decisions(store, 'other')];
  await one.share('key', async () => ({ value: { isAllowed: true }, validMs: 60_000 }));
  assert.deepEqual(one.get('key'), { isAllowed: true });
  assert.equal(other.get('key'), undefined);
});
