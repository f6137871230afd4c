import assert from 'node:assert/strict';
import { it } from 'node:test';
import { users } from '#lib/testing/function.ts';
import { parseIdempotencyKey } from './idempotency.ts';

const ada = { name: 'Ada Lovelace', email: 'ada@example.com' };
const hour = 60 * 60 * 1000;

it('takes keys of visible characters', () => {
  assert.equal(parseIdempotencyKey(undefined), undefined);
  assert.equal(parseIdempotencyKey(' 8e03978e-40d5 '), '8e03978e-40d5');
  for (const key of ['', ' ', 'a b', 'ü', 'x'.repeat(256)]) {
    assert.throws(() => parseIdempotencyKey(key), { name: 'InvalidRequest' });
  }
});

it('answers the first result again for 24 hours, whatever became of the user, and then forgets it', async (test) => {
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

it('keeps nothing of a request that failed', async () => {
  await assert.rejects(users.create(ada, 'failed'), { name: 'EmailTaken' });
  const grace = { name: 'Grace Hopper', email: 'grace@example.com' };
  assert.equal((await users.create(grace, 'failed')).replayed, false);
});
