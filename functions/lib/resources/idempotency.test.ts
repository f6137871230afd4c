import assert from 'node:assert/strict';
import { it } from 'node:test';
import { dataAccess } from '#lib/testing/function.ts';
import { runFor } from '../current-request.ts';
import { IdempotencyKeys, parseIdempotencyKey } from './idempotency.ts';

const { users } = await import('#lib/users/users.ts');

const ada = { name: 'Ada Lovelace', email: 'ada@example.com' };
const hour = 60 * 60 * 1000;

it('accepts keys of visible ASCII characters only', () => {
  assert.equal(parseIdempotencyKey(undefined), undefined);
  assert.equal(parseIdempotencyKey(' 8e03978e-40d5 '), '8e03978e-40d5');
  for (const key of ['', ' ', 'a b', 'ü', 'x'.repeat(256)]) {
    assert.throws(() => parseIdempotencyKey(key), { name: 'InvalidRequest' });
  }
});

it('repeats the first answer for 24 hours, even if the user has changed, and then forgets it', async (test) => {
  const { user } = await users.create(ada, 'key');
  await users.update(user.id, { name: 'Ada King' }, () => true);
  test.mock.timers.enable({ apis: ['Date'], now: Date.now() + 23 * hour });
  assert.deepEqual(await users.create(ada, 'key'), { user, replayed: true });
  await assert.rejects(users.create({ ...ada, name: 'Other' }, 'key'), { name: 'IdempotencyKeyReused' });
  test.mock.timers.tick(2 * hour);
  await assert.rejects(users.create(ada, 'key'), { name: 'EmailTaken' });
  const other = await users.create({ name: 'Other', email: 'other@example.com' }, 'key');
  assert.equal(other.replayed, false);
});

it('keeps no answer of a request that failed', async () => {
  await assert.rejects(users.create(ada, 'failed'), { name: 'EmailTaken' });
  const grace = { name: 'Grace Hopper', email: 'grace@example.com' };
  assert.equal((await users.create(grace, 'failed')).replayed, false);
});

it('keeps no answer of a request whose every item was refused, and all of one with a success', async () => {
  const { user } = await users.create({ name: 'Edsger Dijkstra', email: 'edsger@example.com' });
  const kept = async (key: string) => {
    const keys = (await dataAccess.knex())('idempotency_keys').where({ key });
    return dataAccess.database.transact((connection) => connection.rows(keys));
  };
  const removed = [{ id: 999_999 }];
  for (let i = 0; i < 2; i++) assert.equal((await users.deleteBatch({ users: removed }, 'refused')).replayed, false);
  for (let i = 0; i < 2; i++) assert.equal((await users.restore([999_999], 'refused')).replayed, false);
  const batch = { rows: [{ value: {}, errors: [] }], existing: 'refuse', validateOnly: false } as const;
  for (let i = 0; i < 2; i++) assert.equal((await users.writeBatch(batch, 'refused')).replayed, false);
  assert.equal((await kept('refused')).length, 0);
  const both = { users: [{ id: user.id }, ...removed] };
  const { results } = await users.deleteBatch(both, 'partly');
  assert.deepEqual(await users.deleteBatch(both, 'partly'), { results, left: 0, replayed: true });
  assert.equal((await kept('partly')).length, 1);
});

it('keeps the keys of two resources apart', async () => {
  const { user } = await users.create({ name: 'Alan Turing', email: 'alan@example.com' }, 'shared');
  const tags = new IdempotencyKeys(await dataAccess.knex(), { name: 'tags', item: 'tag' });
  const request = { key: 'shared', body: ['green'], now: Date.now() };
  const create = () => dataAccess.database.transact((connection) => tags.once(connection, request, () => 'green'));
  assert.deepEqual(await create(), { answer: 'green', replayed: false });
  assert.deepEqual(await create(), { answer: 'green', replayed: true });
  assert.deepEqual(await users.create({ name: 'Alan Turing', email: 'alan@example.com' }, 'shared'), {
    user,
    replayed: true,
  });
});

it('binds a key to the caller that an authorizer has recognized', async () => {
  const keyOf = (lambda?: object) =>
    runFor({ event: { requestContext: { authorizer: { lambda } } } as object, id: 'r' }, () =>
      parseIdempotencyKey('mine'),
    );
  const callers = [
    { actorKind: 'person', actorId: '1' },
    { actorKind: 'person', actorId: '2' },
    { actorKind: 'key', actorId: '1' },
  ];
  const keys = await Promise.all([...callers, undefined].map(keyOf));
  assert.equal(new Set(keys).size, 4);
  assert.equal(keys[3], 'mine', 'without an authorizer the key alone counts');
  assert.equal(await keyOf(callers[0]), keys[0]);
  const grown = { name: 'Barbara Liskov', email: 'barbara@example.com' };
  await users.create(grown, keys[0]);
  await assert.rejects(users.create(grown, keys[1]), { name: 'EmailTaken' });
  assert.equal((await users.create(grown, keys[0])).replayed, true);
});
