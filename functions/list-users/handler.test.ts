import assert from 'node:assert/strict';
import { it } from 'node:test';
import { invoke, sample } from '#lib/testing/function.ts';

const { handler } = await import('./handler.ts');
const { users } = await import('#lib/users/users.ts');
for (const name of ['Ada Lovelace', 'Grace Hopper', 'Émilie du Châtelet']) {
  await users.create({ name, email: `${name.split(' ')[0]?.normalize('NFD').replace(/\W/g, '')}@example.com` });
}

const list = (parameters: Record<string, string>, headers: Record<string, string> = {}) =>
  invoke(handler, sample('list-users', 'first-page', { queryStringParameters: parameters, headers }));
const names = (users: { name: string }[]) => users.map(({ name }) => name);

it('reads the list from the database first, and then from the cache', async () => {
  const first = await invoke(handler, sample('list-users', 'first-page'));
  assert.equal(first.status, 200);
  assert.equal(first.headers['x-cache'], 'miss');
  assert.deepEqual(names(first.body.users), ['Ada Lovelace', 'Grace Hopper', 'Émilie du Châtelet']);
  assert.equal(first.body.total, 3);
  assert.equal(first.body.next, null);
  const second = await invoke(handler, sample('list-users', 'first-page'));
  assert.equal(second.headers['x-cache'], 'hit');
  assert.deepEqual(second.body, first.body);
});

it('finds users by a part of their name, whatever its case and accents', async () => {
  const { body } = await list({ q: 'EMILIE' });
  assert.deepEqual(names(body.users), ['Émilie du Châtelet']);
  assert.equal(body.total, 1);
});

it('answers 304 until a user changes', async () => {
  const { headers } = await list({});
  const etag = headers.etag ?? '';
  assert.equal((await list({}, { 'if-none-match': etag })).status, 304);
  await users.update(1, { name: 'Ada King' }, () => true);
  const changed = await list({}, { 'if-none-match': etag });
  assert.equal(changed.status, 200);
  assert.notEqual(changed.headers.etag, etag);
});

it('answers 400 to wrong parameters, and names each', async () => {
  const { status, body } = await list({ limit: '0', sort: 'age', cursor: 'x', q: 'y'.repeat(101) });
  assert.equal(status, 400);
  assert.deepEqual(body.errors.map(({ field }: { field: string }) => field).sort(), ['cursor', 'limit', 'q', 'sort']);
});

it('answers 414 to a query string that is too long, and names the longest parameter', async () => {
  const { status, body } = await list({ junk: 'x'.repeat(10_000) });
  assert.equal(status, 414);
  assert.equal(body.errors[0].field, 'junk');
});
