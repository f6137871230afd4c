import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryStack } from './api.ts';

interface Result {
  readonly status: number;
  readonly id: number;
  readonly version?: number;
}

onEveryStack('batches', (api) => {
  let count = 0;
  const people = (length: number, name = 'Ada Lovelace') =>
    Array.from({ length }, () => ({ name, email: `batch.${process.pid}.${++count}@example.com` }));
  const write = async (body: object, headers: Record<string, string> = {}): Promise<Result[]> => {
    const answer = await api.request('POST', '/users/batch', { body, headers });
    assert.equal(answer.status, 200, answer.text);
    return answer.body.results;
  };

  it('makes reads see every user that a batch has created or updated, as soon as it is answered', async () => {
    const [known, fresh] = people(2) as [{ name: string; email: string }, { name: string; email: string }];
    const { body: user } = await api.post(known);
    const { body: before } = await api.getHit('/users?sort=-id&limit=1');
    await api.getHit(`/users/${user.id}`);
    const users = [{ ...known, name: 'Ada King' }, fresh];
    const [updated, created] = (await write({ users, existing: 'update' })) as [Result, Result];
    assert.deepEqual([updated.status, updated.id, updated.version, created.status], [200, user.id, 2, 201]);
    const changed = await api.getThroughCache(`/users/${user.id}`);
    assert.deepEqual([changed.body.name, changed.headers.get('etag')], ['Ada King', '"2"']);
    const list = await api.getThroughCache('/users?sort=-id&limit=1');
    assert.deepEqual([list.body.users[0].id, list.body.total], [created.id, before.total + 1]);
  });

  it('creates each user once when batches and single requests want the same e-mails', async () => {
    const users = people(40);
    const [batches, singles] = await Promise.all([
      Promise.all(Array.from({ length: 6 }, () => write({ users }))),
      Promise.all(users.slice(0, 10).map((user) => api.post(user))),
    ]);
    for (const [index, { email }] of users.entries()) {
      const created = batches.map((results) => results[index]).filter((result) => result?.status === 201);
      assert.equal(created.length + (singles[index]?.status === 201 ? 1 : 0), 1, email);
    }
  });

  it('counts each update when batches, PATCH and DELETE meet', async () => {
    const users = people(8);
    const ids = (await write({ users })).map(({ id }) => id);
    const rounds = Array.from({ length: 10 }, (_, round) => users.map((user) => ({ ...user, name: `Round ${round}` })));
    const [patches] = await Promise.all([
      Promise.all(ids.slice(0, 4).map((id) => api.patch(id, { name: 'Patched' }))),
      api.delete(ids[7] as number),
      ...rounds.map((round) => write({ users: round, existing: 'update' })),
    ]);
    assert.ok(patches.every(({ status }) => status === 200));
    for (const [index, id] of ids.entries()) {
      const { status, body } = await api.get(`/users/${id}`);
      // Two batches that follow one another never write the same name, so each of the ten is a version.
      if (index < 7) assert.equal(body.version, index < 4 ? 12 : 11);
      else assert.equal(status, 404);
    }
  });

  it('answers the results of a batch again to the same Idempotency-Key', async () => {
    const body = { users: people(3) };
    const headers = { 'idempotency-key': `batch-${process.pid}` };
    const all = await Promise.all(Array.from({ length: 8 }, () => write(body, headers)));
    for (const results of all) assert.deepEqual(results, all[0]);
    const other = await api.request('POST', '/users/batch', { body: { ...body, existing: 'update' }, headers });
    assert.equal(other.status, 422);
  });

  it('refuses a row with an e-mail that no database stores, and writes the others', async () => {
    for (const existing of ['refuse', 'update']) {
      const users = people(3);
      const emails = ['a\0b@example.com', 'a\ud800b@example.com', 'ab@exam\0ple.com'];
      const results = await write({ users: [...users, ...emails.map((email) => ({ name: 'Ada', email }))], existing });
      assert.deepEqual(
        results.map(({ status }) => status),
        [201, 201, 201, 400, 400, 400],
      );
    }
  });

  it('takes and answers a thousand rows of the greatest length', async () => {
    const label = `${'ü'.repeat(18)}.`.repeat(4);
    const users = Array.from({ length: 1000 }, (_, index) => ({
      name: '😀'.repeat(100),
      email: `${String(index).padStart(4, '0')}.${process.pid}@${label}example`.padEnd(100, 'x'),
    }));
    assert.ok((await write({ users })).every(({ status }) => status === 201));
    const upper = users.map(({ name, email }) => ({ name, email: email.toUpperCase() }));
    assert.ok((await write({ users: upper, existing: 'update' })).every(({ status }) => status === 200));
    const invalid = users.map(() => ({ name: '\u0001', email: '\u0001', ['\u0001'.repeat(90)]: 1, x: 1 }));
    assert.ok((await write({ users: invalid })).every(({ status }) => status === 400));
  });

  it('makes reads miss every user that a batch has deleted, as soon as it is answered', async () => {
    const ids = (await write({ users: people(5, `Deleted ${process.pid}`) })).map(({ id }) => id);
    for (const id of ids) await api.getHit(`/users/${id}`);
    const { body: before } = await api.getHit('/users?limit=1');
    const remove = (body: object) => api.request('POST', '/users/batch-delete', { body });
    const byId = await remove({ users: ids.slice(0, 2).map((id) => ({ id, version: 1 })) });
    assert.deepEqual(byId.body, { results: ids.slice(0, 2).map((id) => ({ status: 204, id })), left: 0 });
    assert.equal((await api.get('/users?limit=1')).body.total, before.total - 2);
    const bySearch = await remove({ q: `deleted ${process.pid}` });
    assert.deepEqual(bySearch.body, { results: ids.slice(2).map((id) => ({ status: 204, id })), left: 0 });
    for (const id of ids) assert.equal((await api.get(`/users/${id}`)).status, 404);
    assert.equal((await api.get('/users?limit=1')).body.total, before.total - 5);
  });

  it('takes POST alone under the paths of batches', async () => {
    for (const path of ['/users/batch', '/users/batch-delete']) assert.equal((await api.get(path)).status, 400);
  });
});
