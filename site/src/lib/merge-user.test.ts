import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeUser } from './merge-user.ts';

const seen = { name: 'Ana', email: 'ana@example.com' };

test('changes of different fields are both kept', () => {
  const mine = { ...seen, name: 'Ana Souza' };
  const current = { ...seen, email: 'souza@example.com' };
  assert.deepEqual(mergeUser(seen, mine, current), {
    values: { name: 'Ana Souza', email: 'souza@example.com' },
    conflicts: [],
    theirs: ['email'],
  });
});

test('the same change of one field is no conflict', () => {
  const changed = { ...seen, name: 'Ana Souza' };
  assert.deepEqual(mergeUser(seen, changed, changed), { values: changed, conflicts: [], theirs: [] });
});

test('different changes of one field are a conflict, and the reader’s own text stays', () => {
  const mine = { name: 'Ana Souza', email: seen.email };
  const current = { name: 'Ana Lima', email: 'lima@example.com' };
  assert.deepEqual(mergeUser(seen, mine, current), {
    values: { name: 'Ana Souza', email: 'lima@example.com' },
    conflicts: ['name'],
    theirs: ['email'],
  });
});

test('without the values that both began with, each difference is a conflict', () => {
  assert.deepEqual(mergeUser(undefined, seen, { ...seen, name: 'Ana Lima' }).conflicts, ['name']);
});
