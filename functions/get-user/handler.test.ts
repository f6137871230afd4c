import assert from 'node:assert/strict';
import { it } from 'node:test';
import { invoke, sample } from '#lib/testing/function.ts';

const { handler } = await import('./handler.ts');
const { users } = await import('#lib/users/users.ts');
const { user } = await users.create({ name: 'Ada Lovelace', email: 'ada@example.com' });

it('reads a user from the database first, and then from the cache', async () => {
  const first = await invoke(handler, sample('get-user', 'found'));
  assert.equal(first.status, 200);
  assert.deepEqual(first.body, user);
  assert.equal(first.headers.etag, '"1"');
  assert.equal(first.headers['x-cache'], 'miss');
  assert.match(first.headers['server-timing'] ?? '', /^cache;dur=[\d.]+, db;dur=[\d.]+$/);

  const second = await invoke(handler, sample('get-user', 'found'));
  assert.deepEqual(second.body, user);
  assert.equal(second.headers.etag, '"1"');
  assert.equal(second.headers['x-cache'], 'hit');
});

it('answers 304 to a client that has the current version', async () => {
  for (const tag of ['"1"', 'W/"1"', '"0", "1"', '*']) {
    const answer = await invoke(handler, sample('get-user', 'found', { headers: { 'if-none-match': tag } }));
    assert.equal(answer.status, 304, tag);
    assert.equal(answer.body, '');
    assert.equal(answer.headers.etag, '"1"');
  }
  const other = await invoke(handler, sample('get-user', 'found', { headers: { 'if-none-match': '"2"' } }));
  assert.equal(other.status, 200);
});

it('answers 404 for a missing user, and does not cache that', async () => {
  const missing = () => invoke(handler, sample('get-user', 'missing', { pathParameters: { id: '2' } }));
  const answer = await missing();
  assert.equal(answer.status, 404);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.equal(answer.headers['x-cache'], 'miss');
  assert.equal(answer.body.type, 'urn:cadastro:problem:user-not-found');
  await users.create({ name: 'Grace Hopper', email: 'grace@example.com' });
  assert.equal((await missing()).status, 200);
  assert.equal((await missing()).headers['x-cache'], 'hit');
});

it('answers 400 to an id that is not a positive whole number, and names the parameter', async () => {
  for (const id of ['0', '-1', '1.5', 'abc', '1e3', '01', '9007199254740992', '99999999999999999999', ' 1', '']) {
    const answer = await invoke(handler, sample('get-user', 'bad-id', { pathParameters: { id } }));
    assert.equal(answer.status, 400, id);
    assert.equal(answer.body.errors[0].field, 'id');
  }
});
