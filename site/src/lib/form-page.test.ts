import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draftOf } from './form-page.ts';
import { newIdempotencyKey } from './idempotency-key.ts';

const keyOf = (key: string) => {
  const form = new FormData();
  form.set('key', key);
  return draftOf(form).key;
};

test('a draft keeps the key of its form, and gets a new one where a header cannot carry the key', () => {
  const key = newIdempotencyKey();
  assert.equal(keyOf(key), key);
  for (const invalid of ['', 'a\r\nb', 'a b', 'ção', 'x'.repeat(101)])
    assert.match(keyOf(invalid), /^[0-9a-f-]{32,36}$/);
});
