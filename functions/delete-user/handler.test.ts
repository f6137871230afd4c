import assert from 'node:assert/strict';
import { it } from 'node:test';
import { invoke, sample } from '#lib/testing/function.ts';

const { handler } = await import('./handler.ts');
const { users } = await import('#lib/users/users.ts');
await users.create({ name: 'Ada Lovelace', email: 'ada@example.com' });

it('answers 412 when If-Match names another version', async () => {
  const answer = await invoke(handler, sample('delete-user', 'valid', { headers: { 'if-match': '"7"' } }));
  assert.equal(answer.status, 412);
});

it('answers 204 to the first request, and 404 to the second', async () => {
  const first = await invoke(handler, sample('delete-user', 'valid'));
  assert.equal(first.status, 204);
  assert.equal(first.body, '');
  assert.equal((await invoke(handler, sample('delete-user', 'valid'))).status, 404);
});

it('never gives the id of a deleted user to another one', async () => {
  const { user } = await users.create({ name: 'Ada Lovelace', email: 'ada@example.com' });
  assert.equal(user.id, 2);
});
