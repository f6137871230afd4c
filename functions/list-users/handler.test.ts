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

it('finds users by words in any order, by each spelling of a letter, and by parts of the e-mail', async () => {
  for (const [name, email] of [
    ['Müller, Björn', 'bjorn@example.com'],
    ['Anna Maria Schmidt', 'schmidt@bücher.example'],
    ['Kevin O’Neill', 'kevin@example.org'],
    ['Mueller, Uwe', 'uwe@example.org'],
  ] as const) {
    await users.create({ name, email });
  }
  const found = async (q: string) => names((await list({ q })).body.users).sort();
  assert.deepEqual(await found('Björn Müller'), ['Müller, Björn']);
  assert.deepEqual(await found('bjorn muller'), ['Müller, Björn']);
  assert.deepEqual(await found('mueller'), ['Mueller, Uwe', 'Müller, Björn']);
  assert.deepEqual(await found('MÜLLER'), ['Mueller, Uwe', 'Müller, Björn']);
  assert.deepEqual(await found('muellerin'), []);
  assert.deepEqual(await found('bjoern'), ['Müller, Björn']);
  assert.deepEqual(await found('schmidt anna'), ['Anna Maria Schmidt']);
  for (const apostrophe of ["'", '’', '‘', '`', '´', 'ʼ', '', ' '])
    assert.deepEqual(await found(`o${apostrophe}neill`), ['Kevin O’Neill']);
  assert.deepEqual(await found('kevin @example.org'), ['Kevin O’Neill']);
  assert.deepEqual(await found('"Schmidt, Anna" <schmidt@xn--bcher-kva.example>'), ['Anna Maria Schmidt']);
  assert.deepEqual(await found('schmidt@xn--bcher-kva.example'), ['Anna Maria Schmidt']);
  assert.deepEqual(await found('buecher.example'), ['Anna Maria Schmidt']);
  assert.deepEqual(await found('schmidt bjorn'), []);
});

it('lists first the users whose name begins with the search, then those with words that begin with it', async () => {
  const people = ['Hanna', 'Joana Hann', 'Pohann', 'Zé Hannibal', 'hannah'];
  for (const name of people) await users.create({ name, email: `x${name.replace(' ', '')}@example.net` });
  const order = ['Hanna', 'hannah', 'Joana Hann', 'Zé Hannibal', 'Pohann'];
  assert.deepEqual(names((await list({ q: 'hann' })).body.users), order);
  assert.deepEqual(names((await list({ q: 'hann', sort: 'id' })).body.users), people);
  const paged: string[] = [];
  let cursor = '';
  do {
    const { body } = await list({ q: 'hann', limit: '2', cursor });
    assert.equal(body.total, 5);
    paged.push(...names(body.users));
    cursor = body.next ?? '';
  } while (cursor !== '');
  assert.deepEqual(paged, order);
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
