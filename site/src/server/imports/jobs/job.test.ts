import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayUse } from './job.ts';

test('an import is its owner’s alone, and one from a time without accounts is left to administrators', () => {
  const [owner, editor, administrator] = [
    { id: '1', role: 'editor' },
    { id: '2', role: 'editor' },
    { id: '3', role: 'administrator' },
  ];
  const people = [owner, editor, administrator, undefined];
  assert.deepEqual(
    people.map((person) => mayUse({ owner: '1' }, person)),
    [true, false, false, true],
  );
  assert.deepEqual(
    people.map((person) => mayUse({}, person)),
    [false, false, true, true],
  );
});
