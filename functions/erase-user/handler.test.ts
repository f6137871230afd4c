import assert from 'node:assert/strict';
import { it } from 'node:test';
import { invoke, sample } from '#lib/testing/function.ts';

const { handler } = await import('./handler.ts');
const { users } = await import('#lib/users/users.ts');
const { user } = await users.create({ name: 'Ada Lovelace', email: 'ada@example.com' });

const erase = (headers: Record<string, string> = {}) => invoke(handler, sample('erase-user', 'valid', { headers }));

it('answers 404 for a user that is not deleted', async () => {
  const { status, body } = await erase();
  assert.equal(status, 404);
  assert.equal(body.type, 'urn:cadastro:problem:user-not-in-bin');
});

it('removes a deleted user for good', async () => {
  await users.delete(user.id, () => true);
  for (const [name, value] of Object.entries({ 'if-match': '"2"', 'if-none-match': '*' })) {
    const { status, headers: answered } = await erase({ [name]: value });
    assert.deepEqual([status, answered.etag], [412, '"1"']);
  }
  assert.equal((await erase({ 'if-match': '"1"' })).status, 204);
  assert.equal((await erase()).status, 404);
  const { results } = await users.restore([user.id]);
  assert.equal(results[0]?.status, 404);
});
