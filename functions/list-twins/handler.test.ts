import assert from 'node:assert/strict';
import { it } from 'node:test';
import { dataAccess, invoke, sample } from '#lib/testing/function.ts';

const { handler } = await import('./handler.ts');
const { users } = await import('#lib/users/users.ts');

const list = () => invoke(handler, sample('list-twins', 'get'));

it('lists the users that share an e-mail until one of them changes', async () => {
  for (const name of ['Ada', 'Ann', 'Bob', 'Berta', 'Carl']) await users.create({ name, email: `${name}@example.com` });
  assert.deepEqual((await list()).body, { twins: [] });
  await dataAccess.database.use((connection) => connection.run('UPDATE users SET email_key = substr(name, 1, 1)'));
  await users.update(5, { name: 'Carla' }, () => true);

  const names = async () => (await list()).body.twins.map((twins: { name: string }[]) => twins.map(({ name }) => name));
  assert.deepEqual(await names(), [
    ['Ada', 'Ann'],
    ['Bob', 'Berta'],
  ]);
  assert.equal((await list()).headers['x-cache'], 'hit');
  await users.update(2, { email: 'other@example.com' }, () => true);
  assert.deepEqual(await names(), [['Bob', 'Berta']]);
  await users.delete(3, () => true);
  assert.deepEqual(await names(), []);
});
