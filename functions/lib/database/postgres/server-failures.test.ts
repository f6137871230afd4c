/** Tests the answers that clients get while a PostgreSQL server refuses, stops or changes its role, and afterwards. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { PostgresServer, skipWithoutPostgres } from '../../../../infra/tests/support/postgres.ts';
import { until } from '../../../../infra/tests/support/until.ts';
import { EmbeddedStore } from '../../cache/embedded/embedded-store.ts';
import { ReadTrace } from '../../cache/read-trace.ts';
import { type PostgresConfig, readConfig } from '../../config.ts';
import { HttpError } from '../../errors.ts';
import { setLogLevel } from '../../logger.ts';
import { DataAccess } from '../../resources/data-access.ts';
import { UserDirectory } from '../../users/directory.ts';

setLogLevel('SILENT');

const always = () => true;

/** The answer to a request that may be sent again. */
const unavailable = (error: unknown) =>
  error instanceof HttpError &&
  error.name === 'DatabaseUnavailable' &&
  error.status === 503 &&
  Number(error.headers['retry-after']) > 0;

describe('A PostgreSQL server', { skip: skipWithoutPostgres() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-failures-'));
  let server: PostgresServer;
  let caches = 0;
  before(async () => {
    server = await PostgresServer.start();
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  /** @returns the directory of a function process, whose statements may take 3 s: longer than PostgreSQL looks for a deadlock */
  function open(test: TestContext, url: string) {
    const config = readConfig({ DATABASE_URL: url });
    const database = { ...(config.database as PostgresConfig), queryTimeoutMs: 3_000 };
    const cache = new EmbeddedStore(join(folder, `cache-${++caches}`));
    const data = new DataAccess({ ...config, database }, cache);
    test.after(() => data.close());
    return { data, users: new UserDirectory(data, 30, 365) };
  }

  /** @returns a database with the user Ada, and a process that uses it */
  async function scene(test: TestContext) {
    const url = await server.createDatabase();
    const { data, users } = open(test, url);
    await data.prepare();
    const { user } = await users.create({ name: 'Ada', email: 'ada@example.com' });
    const read = async () => JSON.parse((await users.read(user.id, new ReadTrace()))?.json ?? 'null');
    return { url, data, users, id: user.id, read };
  }

  /** Lets changes of users fail with an error of the server. @param times how many changes fail */
  async function failChanges(url: string, state: string, times: number): Promise<void> {
    await server.query(
      `CREATE SEQUENCE attempts;
       CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF nextval('attempts') <= ${times} THEN RAISE EXCEPTION 'refused' USING ERRCODE = '${state}'; END IF;
         RETURN NEW;
       END $$;
       CREATE TRIGGER fail BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION fail()`,
      url,
    );
  }

  it('that reports a serialization failure gets the transaction again, once it is rolled back', async (test) => {
    const { url, users, id, read } = await scene(test);
    await failChanges(url, '40001', 3);
    assert.equal((await users.update(id, { name: 'Grace' }, always)).version, 2);
    assert.deepEqual(await server.query('SELECT last_value::int AS attempts FROM attempts', url), [{ attempts: 4 }]);
    assert.equal((await read()).name, 'Grace');
  });

  it('that ends a deadlock gets the transaction again', async (test) => {
    const { url, users, id } = await scene(test);
    const other = await server.connect(url);
    test.after(() => other.end());
    // The other session never looks for deadlocks, so the server ends the transaction of the directory.
    await other.query(`SET deadlock_timeout = '60s'; BEGIN; UPDATE users SET name = name WHERE id = ${id}`);
    const change = users.update(id, { name: 'Grace' }, always);
    await until('the change waits for the user', async () => {
      const rows = await server.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'", url);
      return rows.length > 0;
    });
    await other.query('SELECT 1 FROM cache_state WHERE id = 1 FOR UPDATE');
    await other.query('COMMIT');
    assert.equal((await change).version, 2);
    const [{ deadlocks } = {}] = await until('the server has counted', async () => {
      const rows = await server.query<{ deadlocks: string }>(
        'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
        url,
      );
      return Number(rows[0]?.deadlocks) > 0 && rows;
    });
    assert.equal(Number(deadlocks), 1);
  });

  it('that has no connection left is asked again for 5 s, and then the client is told to come back', async (test) => {
    const { url, id } = await scene(test);
    await server.query(
      'CREATE ROLE few LOGIN CONNECTION LIMIT 1; GRANT ALL ON ALL TABLES IN SCHEMA public TO few',
      url,
    );
    const few = url.replace('//cadastro@', '//few@');
    const held = await server.connect(few);
    const { users } = open(test, few);
    const begunAt = performance.now();
    await assert.rejects(users.read(id, new ReadTrace()), unavailable);
    assert.ok(performance.now() - begunAt > 4_500);
    const read = users.read(id, new ReadTrace());
    await held.end();
    assert.equal(JSON.parse((await read)?.json ?? 'null').name, 'Ada');
  });

  it('whose disk is full changes nothing, says so at once, and goes on when there is room', async (test) => {
    const { url, users, id, read } = await scene(test);
    await failChanges(url, '53100', 1);
    await assert.rejects(users.update(id, { name: 'Grace' }, always), unavailable);
    assert.equal((await read()).name, 'Ada');
    assert.equal((await users.update(id, { name: 'Joan' }, always)).version, 2);
  });

  it('gives changes that run together the answers that each of them would get alone', async (test) => {
    const { url, users, id } = await scene(test);
    const others = await Promise.all(
      ['Alan', 'Edsger'].map((name) => users.create({ name, email: `${name}@example.com` })),
    );
    const ids = [id, ...others.map(({ user }) => user.id)];
    const change = (name: string) => Promise.allSettled(ids.map((each) => users.update(each, { name }, always)));
    await failChanges(url, '53100', 100);
    for (const result of await change('Grace')) assert.ok(result.status === 'rejected' && unavailable(result.reason));
    await server.query('DROP TRIGGER fail ON users; DROP FUNCTION fail; DROP SEQUENCE attempts', url);
    await failChanges(url, '40P01', 4);
    for (const result of await change('Joan')) assert.equal(result.status === 'fulfilled' && result.value.version, 2);
  });

  it('that is read-only, or a standby, refuses changes', async (test) => {
    const { url, users, id, read } = await scene(test);
    await failChanges(url, '25006', 1);
    await assert.rejects(users.update(id, { name: 'Grace' }, always), unavailable);
    assert.equal((await read()).name, 'Ada');

    const standby = await server.startStandby();
    test.after(() => standby.stop());
    await server.isFollowedBy(standby);
    const demoted = open(test, standby.url(url.split('/').at(-1)));
    await assert.rejects(demoted.users.update(id, { name: 'Grace' }, always), unavailable);
    await standby.promote();
    await until('the standby takes changes', () =>
      demoted.users.update(id, { name: 'Joan' }, always).then(
        ({ version }) => version === 2,
        (error) => !unavailable(error) && Promise.reject(error),
      ),
    );
  });

  it('that is stopped lets the client come back, and loses no change when it goes on', async (test) => {
    const { users, id, read } = await scene(test);
    server.pause();
    test.after(() => server.resume());
    await assert.rejects(users.update(id, { name: 'Grace' }, always), unavailable);
    server.resume();
    const changed = await until('the server answers', () =>
      users.update(id, { name: 'Joan' }, always).catch((error) => !unavailable(error) && Promise.reject(error)),
    );
    assert.equal(changed.version, 2);
    assert.equal((await read()).name, 'Joan');
  });
});
