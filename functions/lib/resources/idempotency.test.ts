import assert from 'node:assert/strict';
import { it } from 'node:test';
import { dataAccess } from '#lib/testing/function.ts';
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
