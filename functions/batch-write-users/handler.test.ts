import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ReadTrace } from '#lib/cache/read-trace.ts';
import { dataAccess, invoke, sample } from '#lib/testing/function.ts';

const { handler } = await import('./handler.ts');
const { users } = await import('#lib/users/users.ts');

const post = (body: unknown, headers: Record<string, string> = {}) =>
  invoke(
    handler,
    sample('batch-write-users', 'create', {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    }),
  );

let count = 0;
/** @returns a person whose e-mail no other call returns */
const person = (name = 'Ada Lovelace') => ({ name, email: `person.${++count}@example.com` });
const read = async (id: number) => JSON.parse((await users.read(id, new ReadTrace()))?.json ?? 'null');
const total = () =>
  dataAccess.database.use(async (connection) => {
    return (await connection.get("SELECT total FROM resources WHERE name = 'users'"))?.total;
  });

it('creates a thousand users, and answers their ids in the order of the request', async () => {
  const rows = Array.from({ length: 1000 }, (_, index) => person(`Number ${index}`));
  const before = Number(await total());
  const { status, body } = await post({ users: rows });
  assert.equal(status, 200);
  assert.equal(body.results.length, 1000);
  for (const index of [0, 1, 500, 999]) {
    const { id, ...result } = body.results[index];
    assert.deepEqual(result, { status: 201, version: 1 });
    assert.equal((await read(id)).email, rows[index]?.email);
  }
  assert.equal(await total(), before + 1000);
});

it('writes the good rows, and says of each other row why it is refused', async () => {
  const [known, ada] = [person('Known'), person()];
  const { user } = await users.create(known);
  const { body } = await post({
    users: [
      { name: ` ${ada.name} `, email: ada.email },
      { ...known, email: known.email.toUpperCase() },
      { name: '', email: 'nonsense', age: 36, size: 7 },
      'text',
      { name: 'Again', email: ada.email.toUpperCase() },
    ],
  });
  const [first, taken, invalid, text, repeated] = body.results;
  assert.equal(first.status, 201);
  assert.equal((await read(first.id)).name, 'Ada Lovelace');
  assert.deepEqual([taken.status, taken.type, taken.id], [409, 'urn:cadastro:problem:email-taken', user.id]);
  assert.equal(invalid.status, 400);
  assert.deepEqual(invalid.errors.slice(0, 2), [
    { field: 'name', code: 'required', message: 'must not be empty' },
    { field: 'email', code: 'email', message: 'must be a valid e-mail address' },
  ]);
  assert.equal(invalid.errors.length, 3);
  assert.deepEqual(text, { status: 400, errors: [{ field: 'body', message: 'must be a JSON object' }] });
  assert.deepEqual(repeated, {
    status: 409,
    type: 'urn:cadastro:problem:email-repeated',
    detail: 'The row users[0] of this request has the same e-mail.',
    id: first.id,
  });
});

it('updates existing users if asked, tells what they were before, and leaves equal ones alone', async () => {
  const { user: changed } = await users.create(person('Old name'));
  const { user: equal } = await users.create(person());
  await read(changed.id);
  const { body } = await post({
    users: [
      { name: 'New name', email: changed.email.toUpperCase() },
      { name: equal.name, email: equal.email },
      { name: 'Third', email: changed.email },
      person('New user'),
    ],
    existing: 'update',
  });
  const previous = { name: 'Old name', email: changed.email, version: 1 };
  assert.deepEqual(body.results.slice(0, 2), [
    { status: 200, id: changed.id, version: 2, previous },
    { status: 200, id: equal.id, version: 1 },
  ]);
  assert.deepEqual([body.results[2].status, body.results[2].id], [409, changed.id]);
  assert.equal(body.results[3].status, 201);
  const { name, email, version } = await read(changed.id);
  assert.deepEqual([name, email, version], ['New name', changed.email.toUpperCase(), 2]);
});

it('updates a user whose stored e-mail breaks the rules of today, and creates none like it', async () => {
  const { user } = await users.create(person('Old name'));
  const email = `"mary ${user.id}"@example.com`;
  await dataAccess.database.use((connection) =>
    connection.run('UPDATE users SET email = ?, email_key = ? WHERE id = ?', email, email, user.id),
  );
  const rows = [
    { name: 'New name', email },
    { name: '', email },
  ];
  const refusing = await post({ users: rows });
  const faults = ({ status, errors }: { status: number; errors?: { field: string }[] }) =>
    [status, ...(errors ?? []).map(({ field }) => field)].join(' ');
  assert.deepEqual(refusing.body.results.map(faults), ['400 email', '400 name email']);
  const updating = await post({ users: rows.toReversed(), existing: 'update' });
  assert.deepEqual(updating.body.results.map(faults), ['400 name email', '200']);
  const { name, version } = await read(user.id);
  assert.deepEqual([name, version], ['New name', 2]);
  await users.delete(user.id, () => true);
  assert.equal((await post({ users: rows, existing: 'update' })).body.results[0].status, 400);
});

it('updates no user by an e-mail that several users have from before the comparison of today', async () => {
  const { user } = await users.create(person());
  const copied = 'name_key, email_key, search_text, created_at, updated_at, version';
  await dataAccess.database.use((connection) =>
    connection.run(
      `INSERT INTO users (name, email, ${copied}) SELECT name, email, ${copied} FROM users WHERE id = ?`,
      user.id,
    ),
  );
  const { body } = await post({ users: [{ name: 'Changed', email: user.email }], existing: 'update' });
  assert.equal(body.results[0].type, 'urn:cadastro:problem:email-shared');
  assert.equal((await read(user.id)).name, user.name);
});

it('writes nothing with validateOnly, and answers what the request would do', async () => {
  const [known, fresh] = [person('Known'), person()];
  const { user } = await users.create(known);
  const before = await total();
  const rows = [fresh, { ...known, name: 'Changed' }, { ...fresh, name: 'Again' }, { name: 'No e-mail' }];
  const refusing = await post({ users: rows, validateOnly: true });
  assert.deepEqual(
    refusing.body.results.map(({ status, id }: { status: number; id?: number }) => [status, id]),
    [
      [201, undefined],
      [409, user.id],
      [409, undefined],
      [400, undefined],
    ],
  );
  const updating = await post({ users: rows, existing: 'update', validateOnly: true });
  const previous = { ...known, version: 1 };
  assert.deepEqual(updating.body.results[1], { status: 200, id: user.id, version: 2, previous });
  assert.equal(await total(), before);
  assert.equal((await read(user.id)).name, 'Known');
});

it('answers a repeated Idempotency-Key with the first results, and with 422 if the body differs', async () => {
  const { user } = await users.create(person('First'));
  const body = { users: [person(), { name: 'Second', email: user.email }, { name: 7 }], existing: 'update' };
  const key = { 'idempotency-key': 'a-key-of-the-client' };
  const [first, second] = await Promise.all([post(body, key), post(body, key)]);
  assert.deepEqual(second.body, first.body);
  assert.deepEqual(
    [first.headers['idempotency-replayed'], second.headers['idempotency-replayed']],
    [undefined, 'true'],
  );
  assert.equal((await read(user.id)).version, 2);
  for (const other of [
    { ...body, existing: 'refuse' },
    { ...body, users: body.users.slice(1) },
  ]) {
    assert.equal((await post(other, key)).status, 422);
  }
});

it('undoes the whole batch after an error of the database, and keeps no answer', async () => {
  const [fine, failing] = [person(), person('Failing')];
  await dataAccess.database.use((connection) =>
    connection.run(`CREATE TRIGGER fails BEFORE INSERT ON users WHEN NEW.name = 'Failing'
      BEGIN SELECT RAISE(ABORT, 'no room'); END`),
  );
  const before = await total();
  const key = { 'idempotency-key': 'failing' };
  assert.equal((await post({ users: [fine, failing] }, key)).status, 500);
  assert.equal(await total(), before);
  await dataAccess.database.use((connection) => connection.run('DROP TRIGGER fails'));
  const { body } = await post({ users: [fine, failing] }, key);
  assert.deepEqual(
    body.results.map(({ status }: { status: number }) => status),
    [201, 201],
  );
});

it('answers 400 to a body that is not a batch', async () => {
  const cases: [body: unknown, field: string, message: string][] = [
    [{}, 'users', 'is missing'],
    [{ users: [] }, 'users', 'must not be empty'],
    [{ users: {} }, 'users', 'must be a list'],
    [{ users: Array.from({ length: 1001 }, () => person()) }, 'users', 'must have at most 1000 items'],
    [{ users: [person()], existing: 'replace' }, 'existing', 'must be refuse or update'],
    [{ users: [person()], validateOnly: 'yes' }, 'validateOnly', 'must be true or false'],
    [{ users: [person()], dryRun: true }, 'dryRun', 'is not known'],
    [{ users: Array.from({ length: 6000 }, () => ({})) }, 'body', 'must have at most 10000 members and items'],
  ];
  for (const [body, field, message] of cases) {
    const answer = await post(body);
    assert.equal(answer.status, 400);
    assert.deepEqual(answer.body.errors, [{ field, message }]);
  }
});
