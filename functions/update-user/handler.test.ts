import assert from 'node:assert/strict';
import { it } from 'node:test';
import { invoke, sample } from '#lib/testing/function.ts';

const { handler } = await import('./handler.ts');
const { users } = await import('#lib/users/users.ts');
await users.create({ name: 'Ada Lovelace', email: 'ada@example.com' });
await users.create({ name: 'Grace Hopper', email: 'grace@example.com' });

const patch = (body: unknown, headers: Record<string, string> = {}) =>
  invoke(
    handler,
    sample('update-user', 'valid', {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/merge-patch+json', ...headers },
    }),
  );

it('changes the given field only', async () => {
  const answer = await patch({ name: 'Ada King' }, { 'if-match': '"1"' });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.name, 'Ada King');
  assert.equal(answer.body.email, 'ada@example.com');
  assert.equal(answer.headers.etag, '"2"');
});

it('lets a user keep its e-mail in another case, and answers 409 for that of another user', async () => {
  assert.equal((await patch({ email: 'ADA@example.com' })).status, 200);
  assert.equal((await patch({ email: 'GRACE@example.com' })).status, 409);
});

it('answers 400 to a patch without fields, with nulls, or with unknown fields', async () => {
  const field = async (body: unknown) => {
    const answer = await patch(body);
    assert.equal(answer.status, 400);
    return answer.body.errors[0].field;
  };
  assert.equal(await field({}), 'body');
  assert.equal(await field({ name: null }), 'name');
  assert.equal(await field({ id: 7 }), 'id');
});

it('increases the version by one for each of many simultaneous patches', async () => {
  const answers = await Promise.all(Array.from({ length: 32 }, (_, index) => patch({ name: `Ada ${index}` })));
  const versions = answers.map(({ body }) => body.version as number).sort((a, b) => a - b);
  const first = versions[0] ?? 0;
  assert.deepEqual(
    versions,
    versions.map((_, index) => first + index),
  );
});
