import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ReadTrace } from '#lib/cache/read-trace.ts';
import { invoke, sample } from '#lib/testing/function.ts';

const { handler } = await import('./handler.ts');
const { users } = await import('#lib/users/users.ts');

const restore = (body: unknown, headers: Record<string, string> = {}) =>
  invoke(
    handler,
    sample('restore-users', 'valid', {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    }),
  );

let count = 0;
const person = (name = 'Ada Lovelace') => ({ name, email: `person.${++count}@example.com` });
const always = () => true;
const read = async (id: number) => JSON.parse((await users.read(id, new ReadTrace()))?.json ?? 'null');

it('brings a user back under its old id, with a version that it never had', async () => {
  const { user } = await users.create(person());
  const { version } = await users.update(user.id, { name: 'Ada King' }, always);
  await users.delete(user.id, always);
  assert.equal(await read(user.id), null);
  const { status, body } = await restore({ ids: [user.id] });
  assert.equal(status, 200);
  assert.deepEqual(body, { results: [{ status: 200, id: user.id, version: version + 1 }] });
  const { updatedAt, ...restored } = await read(user.id);
  assert.deepEqual(restored, {
    id: user.id,
    name: 'Ada King',
    email: user.email,
    createdAt: user.createdAt,
    version: version + 1,
  });
  assert.ok(updatedAt >= user.updatedAt);
});

it('says of each user that it does not restore why', async () => {
  const [ada, grace] = [person(), person('Grace Hopper')];
  const { user: first } = await users.create(ada);
  await users.delete(first.id, always);
  const { user: second } = await users.create({ ...ada, email: ada.email.toUpperCase() });
  const { user: third } = await users.create(grace);
  await users.delete(third.id, always);
  const { body } = await restore({ ids: [first.id, third.id, third.id, second.id] });
  const missing = (id: number) => ({
    status: 404,
    id,
    type: 'urn:cadastro:problem:user-not-in-bin',
    detail: `There is no user ${id} in the bin.`,
  });
  assert.deepEqual(body.results, [
    {
      status: 409,
      id: first.id,
      type: 'urn:cadastro:problem:email-taken',
      detail: 'Another user has this e-mail.',
      owner: second.id,
    },
    { status: 200, id: third.id, version: 2 },
    missing(third.id),
    missing(second.id),
  ]);
  await users.delete(second.id, always);
  // Both have the address: the first of the request gets it back.
  const both = await restore({ ids: [second.id, first.id] });
  assert.deepEqual(
    both.body.results.map(({ status }: { status: number }) => status),
    [200, 409],
  );
});

it('answers a repeated Idempotency-Key with the first results', async () => {
  const { user } = await users.create(person());
  await users.delete(user.id, always);
  const key = { 'idempotency-key': 'a-key-of-the-client' };
  const [first, second] = [await restore({ ids: [user.id] }, key), await restore({ ids: [user.id] }, key)];
  assert.deepEqual(second.body, first.body);
  assert.equal(second.headers['idempotency-replayed'], 'true');
  assert.equal((await restore({ ids: [1] }, key)).status, 422);
});

it('answers 400 to a body without ids', async () => {
  const cases: [body: unknown, field: string, message: string][] = [
    [{}, 'ids', 'is missing'],
    [{ ids: [] }, 'ids', 'must not be empty'],
    [{ ids: ['1'] }, 'ids/0', 'must be a whole number'],
    [{ ids: Array.from({ length: 1001 }, (_, index) => index + 1) }, 'ids', 'must have at most 1000 items'],
  ];
  for (const [body, field, message] of cases) {
    const answer = await restore(body);
    assert.equal(answer.status, 400);
    assert.deepEqual(answer.body.errors, [{ field, message }]);
  }
});
