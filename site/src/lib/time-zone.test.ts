import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalTimeZone } from './time-zone.ts';

test('every spelling of a time zone is one name', () => {
  const name = 'America/Sao_Paulo';
  const spellings = Array.from({ length: 300 }, (_, bits) =>
    [...name].map((letter, at) => ((bits >> (at % 9)) & 1 ? letter.toUpperCase() : letter.toLowerCase())).join(''),
  );
  assert.deepEqual(new Set(spellings.map(canonicalTimeZone)), new Set([name]));
  assert.equal(canonicalTimeZone('us/pacific'), 'America/Los_Angeles');
});

test('anything else is no time zone', () => {
  for (const value of [undefined, '', 'Mars/Olympus', '+01:30', '+0130', 'a b', 'x'.repeat(65), 7]) {
    assert.equal(canonicalTimeZone(value), undefined, String(value));
  }
});
