import assert from 'node:assert/strict';
import { it } from 'node:test';
import { invoke, sample } from '#lib/testing/function.ts';

const { handler } = await import('./handler.ts');
const { users } = await import('#lib/users/users.ts');
const { user } = await users.create({ name: 'Ada Lovelace', email: 'ada@example.com' });

const put = (body: unknown, headers: Record<string, string> = {}) =>
  invoke(
    handler,
    sample('replace-user', 'valid', {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    }),
  );

it('replaces name and e-mail, and increases the version', async () => {
  const answer = await put({ name: 'Ada King', email: 'king@example.com' });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.etag, '"2"');
  assert.equal(answer.body.name, 'Ada King');
  assert.equal(answer.body.email, 'king@example.com');
  assert.equal(answer.body.version, 2);
  assert.equal(answer.body.createdAt, user.createdAt);
});

it('answers 400 when a field is missing', async () => {
  const answer = await put({ name: 'Ada' });
  assert.equal(answer.status, 400);
  assert.deepEqual(answer.body.errors, [{ field: 'email', message: 'is missing' }]);
});

it('answers 412 when If-Match names another version', async () => {
  const answer = await put({ name: 'Countess', email: 'countess@example.com' }, { 'if-match': '"1"' });
  assert.equal(answer.status, 412);
  assert.equal(answer.headers.etag, '"2"');
});

it('answers 404 for a user that does not exist', async () => {
  const body = JSON.stringify({ name: 'Nobody', email: 'nobody@example.com' });
  const answer = await invoke(handler, sample('replace-user', 'valid', { body, pathParameters: { id: '999' } }));
  assert.equal(answer.status, 404);
});
