import assert from 'node:assert/strict';
import { it } from 'node:test';
import { dataAccess, invoke, sample } from '#lib/testing/function.ts';
import { UserDirectory } from '#lib/users/directory.ts';

const { handler } = await import('./handler.ts');
const { users } = await import('#lib/users/users.ts');

const list = (parameters: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  invoke(handler, sample('list-deleted-users', 'latest', { queryStringParameters: parameters, headers }));
const always = () => true;
const day = 24 * 60 * 60 * 1000;

/** Creates users and deletes them, one second after the other. @returns their ids */
async function deleted(...names: string[]): Promise<number[]> {
  const ids: number[] = [];
  for (const name of names) {
    const { user } = await users.create({ name, email: `${name.toLowerCase()}@example.com` });
    await users.delete(user.id, always);
    ids.push(user.id);
  }
  return ids;
}

const idsOf = (body: { users: { id: number }[] }) => body.users.map(({ id }) => id);

it('lists deleted users with the time of their deletion, page by page', async (test) => {
  test.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 0, 1) });
  const ids: number[] = [];
  for (const name of ['Ada', 'Grace', 'Barbara']) {
    test.mock.timers.tick(1000);
    ids.push(...(await deleted(name)));
  }
  const [ada, grace, barbara] = ids as [number, number, number];
  const { status, headers, body } = await list();
  assert.equal(status, 200);
  assert.equal(headers['x-cache'], 'bypass');
  assert.deepEqual([body.total, body.next, body.days], [3, null, 30]);
  assert.deepEqual(body.users[0], {
    id: ada,
    name: 'Ada',
    email: 'ada@example.com',
    createdAt: '2026-01-01T00:00:01.000Z',
    updatedAt: '2026-01-01T00:00:01.000Z',
    version: 1,
    deletedAt: '2026-01-01T00:00:01.000Z',
  });
  assert.deepEqual(idsOf((await list({ sort: '-deletedAt' })).body), [barbara, grace, ada]);
  assert.deepEqual(idsOf((await list({ sort: 'name' })).body), [ada, barbara, grace]);
  assert.deepEqual(idsOf((await list({ q: 'grâce' })).body), [grace]);
  const first = await list({ sort: '-deletedAt', limit: '2' });
  const second = await list({ sort: '-deletedAt', limit: '2', cursor: first.body.next });
  assert.deepEqual([idsOf(first.body), idsOf(second.body)], [[barbara, grace], [ada]]);
  assert.equal((await list({ sort: 'createdAt' })).status, 400);
});

it('answers 304 as long as the bin is the same', async () => {
  const { headers } = await list();
  assert.equal((await list({}, { 'if-none-match': headers.etag as string })).status, 304);
  const [id] = (await deleted('Alan')) as [number];
  const changed = await list({}, { 'if-none-match': headers.etag as string });
  assert.equal(changed.status, 200);
  await users.restore([id]);
  assert.ok(!idsOf((await list()).body).includes(id));
});

it('removes users for good after 30 days, when the bin is looked at or users are written', async (test) => {
  test.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60 * day });
  const [early] = (await deleted('Edsger')) as [number];
  test.mock.timers.tick(day);
  const [late] = (await deleted('Donald')) as [number];
  test.mock.timers.tick(29 * day - 1);
  assert.deepEqual(idsOf((await list()).body), [early, late]);
  test.mock.timers.tick(1);
  const { body } = await list();
  assert.deepEqual([idsOf(body), body.total], [[late], 1]);
  test.mock.timers.tick(day);
  await users.create({ name: 'Tony', email: 'tony@example.com' });
  const left = await dataAccess.database.use((connection) => connection.get('SELECT count(*) AS n FROM users_bin'));
  assert.deepEqual(left, { n: 0 });
  assert.equal((await list()).body.total, 0);
});

it('keeps nothing where there is no bin', async () => {
  const withoutBin = new UserDirectory(dataAccess, 0, 0);
  const { user } = await withoutBin.create({ name: 'Ken', email: 'ken@example.com' });
  await withoutBin.delete(user.id, always);
  assert.ok(!idsOf((await list()).body).includes(user.id));
});
