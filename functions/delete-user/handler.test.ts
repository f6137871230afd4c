import assert from 'node:assert/strict';
import { it } from 'node:test';
import { invoke, sample, users } from '#lib/testing/function.ts';

const { handler } = await import('./handler.ts');
await users.create({ name: 'Ada Lovelace', email: 'ada@example.com' });

it('keeps the user when If-Match names another version', async () => {
  const answer = await invoke(handler, sample('delete-user', 'valid', { headers: { 'if-match': '"7"' } }));
  assert.equal(answer.status, 412);
});

it('deletes the user once', async () => {
  const first = await invoke(handler, sample('delete-user', 'valid'));
  assert.equal(first.status, 204);
  assert.equal(first.body, '');
  assert.equal((await invoke(handler, sample('delete-user', 'valid'))).status, 404);
});

it('never gives its id to another user', async () => {
  const { user } = await users.create({ name: 'Ada Lovelace', email: 'ada@example.com' });
  assert.equal(user.id, 2);
});
