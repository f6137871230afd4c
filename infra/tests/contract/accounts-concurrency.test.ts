/** Accounts while requests meet, at one router and at two that share a database. */
import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { type Call, password, withAuthOnEveryStack } from '../support/auth.ts';

const attempts = 4;
const settings = { AUTH_CACHE_MS: '0', SIGN_IN_ATTEMPTS: String(attempts) };

withAuthOnEveryStack('accounts under requests that meet', settings, (auth) => {
  let administrator: string;
  /** Two routers on the same database. */
  let routers: [Call, Call];

  before(async () => {
    await auth.addPerson('Root', 'administrator');
    routers = [auth.call, await auth.another()];
    administrator = await auth.signIn('Root');
  });

  /** Sends a request to the routers in turn. */
  const send = (index: number, ...request: Parameters<Call>) => (routers[index % 2] as Call)(...request);

  it('signs several people in at the same time, and one of them several times', async () => {
    const names = ['Ada', 'Grace', 'Alan', 'Barbara'];
    for (const name of names) await auth.addPerson(name, 'reader');
    const wanted = [...names, 'Ada', 'Ada'];
    const answers = await Promise.all(
      wanted.map((name, index) => send(index, 'POST /sessions', undefined, { name, password })),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      wanted.map(() => 201),
    );
    assert.equal(new Set(answers.map(({ body }) => body.token)).size, wanted.length);
    const callers = await Promise.all(answers.map(({ body }, index) => send(index + 1, 'GET /me', body.token)));
    assert.deepEqual(
      callers.map(({ body }) => body.name),
      wanted,
    );
  });

  it('ends a session at both routers', async () => {
    const token = await auth.signIn('Root');
    assert.equal((await send(1, 'GET /me', token)).status, 200);
    assert.equal((await send(0, 'DELETE /sessions/current', token)).status, 204);
    for (const index of [0, 1]) assert.equal((await send(index, 'GET /me', token)).status, 401);
  });

  it('takes a link once when it is used many times at the same moment', async () => {
    const invited = await auth.call('POST /people', administrator, { name: 'Raced', role: 'reader' });
    const { token } = invited.body.link;
    const passwords = Array.from({ length: 8 }, (_, index) => `password number ${index}`);
    const answers = await Promise.all(
      passwords.map((one, index) => send(index, 'POST /links/use', undefined, { token, password: one })),
    );
    const statuses = answers.map(({ status }) => status);
    assert.deepEqual([...statuses].sort(), [200, ...Array(7).fill(404)]);
    await auth.signIn('Raced', passwords[statuses.indexOf(200)]);
  });

  it('lets one of two people who are invited at the same moment have the name', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        send(index, 'POST /people', administrator, { name: index % 2 ? 'Twin' : 'TWIN', role: 'reader' }),
      ),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(5).fill(409)]);
  });

  it('keeps one of two administrators who disable each other at the same moment', async () => {
    await auth.addPerson('Second', 'administrator');
    const second = await auth.signIn('Second');
    const ids = await Promise.all(
      [administrator, second].map(async (one) => (await auth.call('GET /me', one)).body.id),
    );
    const answers = await Promise.all([
      send(0, `PATCH /people/${ids[1]}`, administrator, { isDisabled: true }),
      send(1, `PATCH /people/${ids[0]}`, second, { isDisabled: true }),
    ]);
    const statuses = answers.map(({ status }) => status);
    // The loser is the last administrator, or has no session any more.
    assert.equal(statuses.filter((status) => status === 200).length, 1, statuses.join());
    assert.ok(
      statuses.every((status) => [200, 401, 409].includes(status)),
      statuses.join(),
    );
  });

  it('counts failures at all routers together, and makes the account wait at each', async () => {
    await auth.addPerson('Target', 'reader');
    const guesses = await Promise.all(
      Array.from({ length: attempts * 2 }, (_, index) =>
        send(index, 'POST /sessions', undefined, { name: 'Target', password: 'wrong' }),
      ),
    );
    const statuses = guesses.map(({ status }) => status);
    assert.ok(
      statuses.every((status) => status === 401 || status === 429),
      statuses.join(),
    );
    const counted = await auth.database.use((connection) =>
      connection.get<{ most: number }>('SELECT max(failures) AS most FROM sign_in_failures'),
    );
    // Each guess that was verified is counted once, whichever router took it.
    assert.equal(counted?.most, statuses.filter((status) => status === 401).length);
    assert.ok(counted.most >= attempts);
    await auth.database.transact(async (connection) => {
      await connection.run('UPDATE sign_in_failures SET blocked_until = ?', '9999-01-01T00:00:00.000Z');
    });
    for (const index of [0, 1]) {
      const { status } = await send(index, 'POST /sessions', undefined, { name: 'Target', password });
      assert.equal(status, 429);
    }
  });
});
