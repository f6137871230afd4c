import assert from 'node:assert/strict';
import { it } from 'node:test';
import { invoke, sample } from '#lib/testing/function.ts';

const { handler } = await import('./handler.ts');

const post = (body: unknown, headers: Record<string, string> = {}) =>
  invoke(
    handler,
    sample('create-user', 'valid', {
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    }),
  );

it('creates a user, and names its path in Location', async () => {
  const answer = await post({ name: '  Ada Lovelace ', email: ' Ada@Example.com ' });
  assert.equal(answer.status, 201);
  assert.equal(answer.headers.location, `/users/${answer.body.id}`);
  assert.equal(answer.headers.etag, '"1"');
  assert.equal(answer.body.name, 'Ada Lovelace');
  assert.equal(answer.body.email, 'Ada@Example.com');
  assert.equal(answer.body.version, 1);
  assert.equal(answer.body.createdAt, answer.body.updatedAt);
});

it('answers 409 for an e-mail that is taken in another case', async () => {
  const answer = await post({ name: 'Ada', email: 'ADA@EXAMPLE.COM' });
  assert.equal(answer.status, 409);
  assert.deepEqual(answer.body.errors, [{ field: 'email', code: 'taken', message: 'is taken by another user' }]);
});

it('answers a repeated Idempotency-Key with the first user, and with 422 if the body differs', async () => {
  const grace = { name: 'Grace Hopper', email: 'grace@example.com' };
  const key = { 'idempotency-key': 'a-key-of-the-client' };
  const [first, second] = await Promise.all([post(grace, key), post(grace, key)]);
  assert.equal(first.status, 201);
  assert.equal(second.status, 201);
  assert.deepEqual(second.body, first.body);
  assert.equal(second.headers.location, first.headers.location);
  assert.equal(second.headers['idempotency-replayed'], 'true');
  const other = await post({ ...grace, name: 'Grace' }, key);
  assert.equal(other.status, 422);
  assert.equal(other.body.errors[0].field, 'Idempotency-Key');
});

it('answers 400 to a body that is not JSON, and 415 to one that is not declared as JSON', async () => {
  const broken = await invoke(handler, sample('create-user', 'broken-json'));
  assert.equal(broken.status, 400);
  assert.equal(broken.body.errors[0].field, 'body');
  assert.equal((await post({ name: 'A', email: 'a@b.c' }, { 'content-type': 'text/plain' })).status, 415);
});
