import assert from 'node:assert/strict';
import { it } from 'node:test';
import { dataAccess, invoke, sample } from '#lib/testing/function.ts';

const { handler } = await import('./handler.ts');
const { users } = await import('#lib/users/users.ts');

const always = () => true;
const ada = { name: 'Ada Lovelace', email: 'ada@example.com' };

const restore = (id: number, change: number | string, headers: Record<string, string> = {}) =>
  invoke(
    handler,
    sample('restore-user-state', 'valid', { pathParameters: { id: String(id), change: String(change) }, headers }),
  );

/** @returns the ids of the changes of a user, the oldest first */
async function changesOf(id: number): Promise<number[]> {
  const query = { limit: 100, sort: 'id', descending: true, search: [], after: undefined };
  const { json } = await users.readHistory(id, query);
  return JSON.parse(json)
    .changes.map((change: { id: number }) => change.id)
    .reverse();
}

it('brings back the state before a change, and keeps that in the history', async () => {
  const { user } = await users.create(ada);
  await users.update(user.id, { name: 'Ada King', email: 'king@example.com' }, always);
  await users.update(user.id, { name: 'Countess' }, always);
  const [, marriage = 0] = await changesOf(user.id);
  const stale = await restore(user.id, marriage, { 'if-match': '"1"' });
  assert.equal(stale.status, 412);
  const { status, headers, body } = await restore(user.id, marriage, { 'if-match': '"3"' });
  assert.deepEqual([status, headers.etag, body.name, body.email, body.version], [200, '"4"', ada.name, ada.email, 4]);
  assert.equal((await changesOf(user.id)).length, 4);
  const again = await restore(user.id, marriage);
  assert.deepEqual([again.status, again.body.version], [200, 4]);
  assert.equal((await changesOf(user.id)).length, 4);
  const latest = (await changesOf(user.id)).at(-1) as number;
  assert.deepEqual((await restore(user.id, latest)).body.name, 'Countess');
});

it('takes no request that a foreign web page can send without a preflight request', async () => {
  const { user } = await users.create({ name: 'Mary', email: 'mary@example.com' });
  await users.update(user.id, { name: 'Mary Somerville' }, always);
  const change = (await changesOf(user.id)).at(-1) as number;
  const origin = 'https://elsewhere.example';
  const simple: Record<string, string>[] = [{ origin }, { origin, 'content-type': 'text/plain' }];
  for (const headers of simple) {
    assert.equal((await restore(user.id, change, headers)).status, 415);
  }
  assert.equal((await changesOf(user.id)).length, 2);
  assert.equal((await restore(user.id, change, { origin, 'content-type': 'application/json' })).status, 200);
});

it('brings a deleted user back with an earlier state, unless somebody else has the e-mail', async () => {
  const { user } = await users.create({ name: 'Grace', email: 'grace@example.com' });
  await users.update(user.id, { name: 'Grace Hopper', email: 'hopper@example.com' }, always);
  await users.delete(user.id, always);
  const [creation = 0, change = 0, deletion = 0] = await changesOf(user.id);
  const { user: other } = await users.create({ name: 'Other', email: 'GRACE@example.com' });
  assert.equal((await restore(user.id, change)).body.type, 'urn:cadastro:problem:email-taken');
  await users.delete(other.id, always);
  const refused: Record<string, string>[] = [
    { 'if-match': '"1"' },
    { 'if-none-match': '*' },
    { 'if-none-match': '"2"' },
  ];
  for (const headers of refused)
    assert.equal((await restore(user.id, change, headers)).status, 412, JSON.stringify(headers));
  const { status, body } = await restore(user.id, change, { 'if-match': '"2"' });
  assert.deepEqual([status, body.id, body.name, body.email], [200, user.id, 'Grace', 'grace@example.com']);
  assert.equal((await restore(user.id, deletion)).body.name, 'Grace Hopper');
  assert.equal((await restore(user.id, creation)).body.type, 'urn:cadastro:problem:no-earlier-state');
});

it('takes a text that the rules for new texts refuse today', async () => {
  const { user } = await users.create({ name: 'Old', email: 'old@example.com' });
  await users.update(user.id, { name: 'New' }, always);
  const [, change = 0] = await changesOf(user.id);
  await dataAccess.database.use((connection) =>
    connection.run('UPDATE user_changes SET before = ? WHERE id = ?', '{"name":"","email":"x","version":1}', change),
  );
  assert.equal((await restore(user.id, change)).body.email, 'x');
});

it('answers 404 for a change of another user, for one that is not kept, and for a user that is gone for good', async () => {
  const { user } = await users.create({ name: 'A', email: 'a@example.com' });
  const { user: other } = await users.create({ name: 'B', email: 'b@example.com' });
  await users.update(user.id, { name: 'AA' }, always);
  const [, change = 0] = await changesOf(user.id);
  for (const answer of [await restore(other.id, change), await restore(user.id, 1e9)]) {
    assert.deepEqual([answer.status, answer.body.type], [404, 'urn:cadastro:problem:user-change-not-found']);
  }
  assert.equal((await restore(user.id, 'x')).body.errors[0].field, 'change');
  await users.delete(user.id, always);
  await users.erase(user.id, always);
  const { status, body } = await restore(user.id, change);
  assert.deepEqual([status, body.type], [404, 'urn:cadastro:problem:user-not-found']);
});
