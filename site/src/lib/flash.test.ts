import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Flash, readFlash, writeFlash } from './flash.ts';

test('a message survives the cookie', () => {
  const messages: Flash[] = [
    { kind: 'created', id: 7 },
    { kind: 'saved', id: 1 },
    { kind: 'deleted', count: 1, name: 'Ana "x"; y', email: 'a@b.co' },
    { kind: 'deleted', count: 3, name: undefined, email: undefined },
  ];
  for (const message of messages) assert.deepEqual(readFlash(writeFlash(message)), message);
});

test('a cookie that somebody else wrote is no message', () => {
  for (const text of [
    undefined,
    '',
    '{',
    'null',
    '{"kind":"created"}',
    '{"kind":"other","id":1}',
    '{"kind":"deleted","count":"1"}',
  ]) {
    assert.equal(readFlash(text), undefined, text);
  }
});
