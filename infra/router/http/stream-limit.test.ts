import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StreamLimit } from './stream-limit.ts';

test('streams are limited for each client and for all, and may begin again when others have ended', () => {
  const limit = new StreamLimit(3, 2);
  const begun = ['a', 'a', 'a', 'b', 'c'].map((client) => limit.begin(client));
  assert.deepEqual(
    begun.map((one) => (typeof one === 'string' ? one : 'begun')),
    ['begun', 'begun', 'client', 'begun', 'all'],
  );
  (begun[0] as () => void)();
  assert.equal(typeof limit.begin('a'), 'function');
  assert.equal(limit.begin('b'), 'all');
});
