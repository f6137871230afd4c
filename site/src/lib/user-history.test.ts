import assert from 'node:assert/strict';
import { it } from 'node:test';
import { en } from '../i18n/en.ts';
import { actorText, isRestorable, valueRows } from './user-history.ts';

const ada = { name: 'Ada', email: 'ada@example.com', version: 1 };
const king = { ...ada, name: 'Ada King', version: 2 };

it('shows the fields that differ, and all of them where there was or is no user', () => {
  assert.deepEqual(valueRows({ before: ada, after: king }), [{ field: 'name', before: 'Ada', after: 'Ada King' }]);
  assert.deepEqual(valueRows({ before: null, after: ada }), [
    { field: 'name', before: undefined, after: 'Ada' },
    { field: 'email', before: undefined, after: 'ada@example.com' },
  ]);
  assert.equal(valueRows({ before: ada, after: null }).length, 2);
  assert.deepEqual(valueRows({ before: null, after: null }), []);
});

it('names a key by its name, or by its id where it has none', () => {
  assert.equal(actorText({ kind: 'key', id: '7', name: 'nightly' }, en.history), 'by the API key nightly');
  assert.equal(actorText({ kind: 'person', id: '7', name: null }, en.history), 'by 7');
  assert.equal(actorText({ kind: 'anonymous', id: null, name: null }, en.history), 'without signing in');
});

it('offers the state before a change unless the user has it', () => {
  const change = {
    id: 1,
    action: 'update',
    requestId: null,
    changedAt: '',
    actor: { kind: 'system', id: null, name: null },
  } as const;
  assert.equal(isRestorable({ ...change, before: ada, after: king }, king), true);
  assert.equal(isRestorable({ ...change, before: ada, after: king }, ada), false);
  assert.equal(isRestorable({ ...change, before: ada, after: null }, undefined), true);
  assert.equal(isRestorable({ ...change, before: null, after: ada }, king), false);
});
