import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ReadTrace } from '#lib/cache/read-trace.ts';
import { dataAccess, invoke, sample } from '#lib/testing/function.ts';
import { parseUserBatch } from '#lib/users/parse-batch.ts';

const { handler } = await import('./handler.ts');
const { users } = await import('#lib/users/users.ts');

const post = (body: unknown, headers: Record<string, string> = {}) =>
  invoke(
    handler,
    sample('batch-delete-users', 'by-id', {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    }),
  );

let count = 0;
/** @returns the ids of new users */
async function create(length: number, name = 'Ada Lovelace'): Promise<number[]> {
  const people = Array.from({ length }, () => ({ name, email: `person.${++count}@example.com` }));
  const { results } = await users.writeBatch(parseUserBatch({ users: people }));
  return results.map(({ id }) => id as number);
}
const exists = async (id: number) => (await users.read(id, new ReadTrace())) !== undefined;
const total = () =>
  dataAccess.database.use(async (connection) => {
    return (await connection.get("SELECT total FROM resources WHERE name = 'users'"))?.total;
  });

it('deletes the users of the request, and says of each other one why it is refused', async () => {
  const [first, second, third] = (await create(3)) as [number, number, number];
  for (const id of [first, second, third]) assert.ok(await exists(id));
  const before = Number(await total());
  const { status, body } = await post({
    users: [{ id: second, version: 1 }, { id: third, version: 2 }, { id: 999_999 }, { id: first }, { id: first }],
  });
  assert.equal(status, 200);
  const missing = 'urn:cadastro:problem:user-not-found';
  assert.deepEqual(body, {
    results: [
      { status: 204, id: second },
      {
        status: 412,
        id: third,
        type: 'urn:cadastro:problem:precondition-failed',
        detail: 'The user has the version 1, not 2.',
        version: 1,
      },
      { status: 404, id: 999_999, type: missing, detail: 'There is no user 999999.' },
      { status: 204, id: first },
      { status: 404, id: first, type: missing, detail: `There is no user ${first}.` },
    ],
    left: 0,
  });
  assert.deepEqual(await Promise.all([first, second, third].map(exists)), [false, false, true]);
  assert.equal(await total(), before - 2);
});

it('deletes a user with the e-mail of the request only', async () => {
  const [first, second] = (await create(2)) as [number, number];
  const email = `PERSON.${count}@example.com`;
  const { body } = await post({
    users: [
      { id: first, version: 1, email },
      { id: second, version: 1, email },
    ],
  });
  const type = 'urn:cadastro:problem:precondition-failed';
  assert.deepEqual(body.results, [
    { status: 412, id: first, type, detail: 'The user has another e-mail.', version: 1 },
    { status: 204, id: second },
  ]);
  assert.deepEqual(await Promise.all([first, second].map(exists)), [true, false]);
});

it('deletes a thousand users that match a search at a time, and says how many are left', async () => {
  const ids = [...(await create(1000, 'Grace Hopper')), ...(await create(234, 'Hópper, Grace'))];
  const [other] = (await create(1, 'Alan Turing')) as [number];
  const first = await post({ q: 'hopper' });
  assert.deepEqual([first.body.results.length, first.body.left], [1000, 234]);
  const second = await post({ q: 'hopper' });
  assert.deepEqual([second.body.results.length, second.body.left], [234, 0]);
  const deleted = [...first.body.results, ...second.body.results].map(({ id }: { id: number }) => id);
  assert.deepEqual(deleted, ids);
  assert.deepEqual((await post({ q: 'hopper' })).body, { results: [], left: 0 });
  assert.ok(await exists(other));
});

it('deletes nobody by a search for signs that no user has', async () => {
  const before = await total();
  for (const q of ['"', '<>', '\u200b', '%', '_', '*'])
    assert.deepEqual((await post({ q })).body, { results: [], left: 0 });
  assert.equal(await total(), before);
});

it('deletes all users by all, from where they can be restored', async () => {
  await create(3);
  const before = Number(await total());
  const { body } = await post({ all: true });
  assert.equal(body.results.length, Math.min(before, 1000));
  const { results } = await users.restore(body.results.map(({ id }: { id: number }) => id));
  assert.ok(results.every(({ status }) => status === 200));
  assert.equal(await total(), before);
});

it('answers a repeated Idempotency-Key with the first results, and with 422 if the body differs', async () => {
  const ids = await create(2, 'Barbara Liskov');
  const key = { 'idempotency-key': 'a-key-of-the-client' };
  const [first, second] = [await post({ q: 'liskov' }, key), await post({ q: 'liskov' }, key)];
  assert.deepEqual(first.body, { results: ids.map((id) => ({ status: 204, id })), left: 0 });
  assert.deepEqual(second.body, first.body);
  assert.equal(second.headers['idempotency-replayed'], 'true');
  assert.equal((await post({ q: 'barbara' }, key)).status, 422);
});

it('answers 400 to a body that is no deletion, and deletes nothing', async () => {
  const before = await total();
  const cases: [body: unknown, field: string, message: string][] = [
    [{}, 'body', 'must have exactly one of users, q and all'],
    [{ all: false }, 'body', 'must have exactly one of users, q and all'],
    [{ users: [{ id: 1 }], q: '' }, 'body', 'must have exactly one of users, q and all'],
    [{ q: 'ada', all: true }, 'body', 'must have exactly one of users, q and all'],
    [{ q: '' }, 'q', 'must not be empty; to delete all users send all'],
    [{ q: ' \u00a0' }, 'q', 'must not be empty; to delete all users send all'],
    [{ all: 1 }, 'all', 'must be true or false'],
    [{ users: [] }, 'users', 'must not be empty'],
    [{ users: [{ id: '1' }] }, 'users/0/id', 'must be a whole number'],
    [{ users: [1] }, 'users/0', 'must be a JSON object'],
    [{ users: Array.from({ length: 1001 }, () => ({ id: 1 })) }, 'users', 'must have at most 1000 items'],
    [{ q: 'a\u0000' }, 'q', 'must not contain control characters'],
    [{ q: 'a', sort: 'id' }, 'sort', 'is not known'],
  ];
  for (const [body, field, message] of cases) {
    const answer = await post(body);
    assert.equal(answer.status, 400);
    assert.deepEqual(answer.body.errors, [{ field, message }]);
  }
  assert.equal(await total(), before);
});
