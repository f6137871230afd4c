/** The scenes in which a naive engine would serve an old value, or lose a write. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { PgBouncer, skipWithoutPgBouncer } from '../../../../infra/tests/support/pgbouncer.ts';
import { PostgresServer, skipWithoutPostgres } from '../../../../infra/tests/support/postgres.ts';
import { FaultProxy } from '../../../../infra/tests/support/proxy.ts';
import { until } from '../../../../infra/tests/support/until.ts';
import { EmbeddedStore } from '../../cache/embedded/embedded-store.ts';
import { ReadTrace } from '../../cache/read-trace.ts';
import { readConfig } from '../../config.ts';
import { setLogLevel } from '../../logger.ts';
import { DataAccess } from '../../resources/data-access.ts';
import { UserDirectory } from '../../users/directory.ts';
import type { User } from '../../users/types.ts';
import type { Connection } from '../engine.ts';
import { expressionsOf } from '../expressions.ts';

setLogLevel('SILENT');

const always = () => true;
const byName = (one: { name?: string }, other: { name?: string }) => (String(one.name) < String(other.name) ? -1 : 1);

/** One function process. The embedded cache stands for any cache that processes share. */
class Process {
  readonly data: DataAccess;
  readonly users: UserDirectory;

  constructor(test: TestContext, url: string, cache: string) {
    this.data = new DataAccess(readConfig({ DATABASE_URL: url }), new EmbeddedStore(cache));
    this.users = new UserDirectory(this.data, 30, 365);
    test.after(() => this.data.close());
  }

  async read(id: number): Promise<[name: string, source: string | undefined]> {
    const trace = new ReadTrace();
    const value = await this.users.read(id, trace);
    return [(JSON.parse(value?.json ?? '{}') as User).name, trace.cache];
  }

  /** Reads until the cache has the value. */
  readHit(id: number): Promise<string> {
    return until('the value is cached', async () => {
      const [name, source] = await this.read(id);
      return source === 'hit' && name;
    });
  }
}

describe('PostgreSQL', { skip: skipWithoutPostgres() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-postgres-'));
  let server: PostgresServer;
  let caches = 0;
  before(async () => {
    server = await PostgresServer.start();
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const newCache = () => join(folder, `cache-${++caches}`);

  /** @returns two processes on one database, the first of them behind a proxy, and the user Ada, who is cached */
  async function scene(test: TestContext) {
    const url = await server.createDatabase();
    const proxy = await FaultProxy.start(server.port);
    test.after(() => proxy.stop());
    const cache = newCache();
    const writer = new Process(test, url.replace(`:${server.port}/`, `:${proxy.port}/`), cache);
    const reader = new Process(test, url, cache);
    await writer.data.prepare();
    const { user } = await writer.users.create({ name: 'Ada', email: 'ada@example.com' });
    assert.equal(await reader.readHit(user.id), 'Ada');
    return { url, cache, proxy, writer, reader, id: user.id };
  }

  const isCommit = (chunk: Buffer) => chunk.includes('COMMIT\0');

  it('lets nobody change the state of the cache from the begin of a write transaction to its end', async (test) => {
    const { reader, url } = await scene(test);
    let revoked: Promise<unknown> | undefined;
    await reader.data.database.transact(async () => {
      revoked = server.query("UPDATE cache_state SET epoch = 'other' RETURNING id", url);
      assert.equal(await Promise.race([revoked, pause(100, 'waits')]), 'waits');
    });
    assert.deepEqual(await revoked, [{ id: '1' }]);
  });

  it('writes once and serves no old value when the client is cut while its COMMIT is in the network', async (test) => {
    const { proxy, writer, reader, id } = await scene(test);
    const commit = proxy.holdNext('requests', isCommit);
    const write = writer.users.update(id, { name: 'Grace' }, always);
    await commit.caught;
    proxy.cutClients();
    const { version } = await write;
    assert.equal(version, 2);
    commit.release();
    assert.equal(await reader.readHit(id), 'Grace');
  });

  it('answers that the write happened when only the reply to the COMMIT was lost', async (test) => {
    const { proxy, writer, reader, id } = await scene(test);
    const reply = proxy.holdNext('replies', isCommit);
    const write = writer.users.update(id, { name: 'Grace' }, always);
    await reply.caught;
    proxy.cut();
    reply.release();
    assert.equal((await write).version, 2);
    assert.equal(await reader.readHit(id), 'Grace');
  });

  it('keeps the tombstones of a write whose outcome nobody tells, until its transaction has ended', async (test) => {
    const { proxy, writer, reader, id } = await scene(test);
    const commit = proxy.holdNext('requests', isCommit);
    const write = writer.users.update(id, { name: 'Grace' }, always);
    await commit.caught;
    proxy.refuse(true);
    proxy.cutClients();
    await assert.rejects(write, { name: 'WriteOutcomeUnknown', status: 503 });
    for (let count = 0; count < 3; count++) assert.notEqual((await reader.read(id))[1], 'hit');
    commit.release();
    await until('the write has happened', async () => (await reader.read(id))[0] === 'Grace');
    proxy.refuse(false);
    assert.equal(await reader.readHit(id), 'Grace');
  });

  it('does not take another transaction for its own when the server crashed and gave the number again', async (test) => {
    const { proxy, writer, reader, url, id } = await scene(test);
    const commit = proxy.holdNext('requests', isCommit);
    const write = writer.users.update(id, { name: 'Grace' }, always);
    write.catch(() => {});
    await commit.caught;
    const held = await server.query<{ id: number }>(
      'SELECT backend_xid::text::int AS id FROM pg_stat_activity WHERE backend_xid IS NOT NULL',
      url,
    );
    proxy.refuse(true);
    await server.kill();
    await server.start();
    await until('the server gives the number again', async () => {
      const [next] = await server.query<{ id: number }>('SELECT pg_current_xact_id()::text::int AS id', url);
      return next && held[0] && next.id >= held[0].id;
    });
    proxy.refuse(false);
    await assert.rejects(write, { name: 'WriteOutcomeUnknown' });
    assert.equal((await reader.read(id))[0], 'Ada');
  });

  it('serves nothing from the cache to a copy of the database that is older', async (test) => {
    const { url, cache, writer, reader, id } = await scene(test);
    await Promise.all([writer.data.close(), reader.data.close()]);
    const copy = `${url}_restored`;
    await until('nobody uses the database', () =>
      server.query(`CREATE DATABASE ${copy.split('/').at(-1)} TEMPLATE ${url.split('/').at(-1)}`).then(
        () => true,
        () => false,
      ),
    );
    const later = new Process(test, url, cache);
    await later.users.update(id, { name: 'Grace' }, always);
    assert.equal(await later.readHit(id), 'Grace');
    const restored = new Process(test, copy, cache);
    assert.equal((await restored.read(id))[0], 'Ada');
    assert.equal((await restored.users.update(id, { name: 'Joan' }, always)).version, 2);
    assert.equal((await restored.read(id))[0], 'Joan');
  });

  it('keeps what is cached when another process starts', async (test) => {
    const { url, cache, reader, id } = await scene(test);
    const further = new Process(test, url, cache);
    await further.data.prepare();
    assert.deepEqual(await reader.read(id), ['Ada', 'hit']);
    assert.deepEqual(await further.read(id), ['Ada', 'hit']);
  });

  it('undoes a write of a batch that fails after a change, and commits the others', async (test) => {
    const { reader } = await scene(test);
    const scopes = [{ resource: { name: 'users', item: 'user' }, ids: [] }];
    const rename = (revision: string, fails: boolean) =>
      reader.data.writes.submit(scopes, async (connection) => {
        await connection.run("UPDATE resources SET revision = ? WHERE name = 'users_bin'", revision);
        if (fails) throw new Error('half way');
      });
    const results = await Promise.allSettled([rename('a', false), rename('b', true)]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    const row = await reader.data.database.use((connection) =>
      connection.get("SELECT revision FROM resources WHERE name = 'users_bin'"),
    );
    assert.equal(row?.revision, 'a');
  });

  it('loses no acknowledged write while its connections are ended and the server is killed', async (test) => {
    const { url, reader } = await scene(test);
    const acknowledged: string[] = [];
    let isOver = false;
    const client = async (name: string) => {
      for (let count = 0; !isOver; count++) {
        const email = `${name}.${count}@example.com`;
        try {
          await reader.users.create({ name, email });
          acknowledged.push(email);
        } catch (error) {
          assert.ok(
            ['DatabaseUnavailable', 'WriteOutcomeUnknown', 'EmailTaken'].includes((error as Error).name),
            String(error),
          );
          await pause(20);
        }
      }
    };
    const clients = Promise.all(['a', 'b', 'c'].map(client));
    for (let count = 0; count < 3; count++) {
      const known = acknowledged.length;
      await until('writes go on', () => acknowledged.length > known + 20);
      await server.terminateBackends(url);
    }
    await server.kill();
    await server.start();
    const known = acknowledged.length;
    await until('writes go on', () => acknowledged.length > known + 20);
    isOver = true;
    await clients;
    const stored = await server.query<{ email: string }>('SELECT email FROM users', url);
    const emails = new Set(stored.map(({ email }) => email));
    assert.deepEqual(
      acknowledged.filter((email) => !emails.has(email)),
      [],
    );
    assert.equal(emails.size, stored.length);
  });

  it('seeks the e-mails of new users in an index although the table was empty at first and has no statistics', async (test) => {
    const { url, reader } = await scene(test);
    const { isOneOf } = expressionsOf(await reader.data.knex());
    const look = (connection: Connection) =>
      connection.all(`SELECT email_key FROM users WHERE ${isOneOf('email_key')}`, '["1","2"]');
    // The server makes a plan for each of the first five runs of a named statement, and then keeps one.
    for (let run = 0; run < 10; run++) await reader.data.database.use(look);
    await server.query(
      `INSERT INTO users (name, email, name_key, email_key, search_text, created_at, updated_at, version)
       SELECT n, n, n, n, n, n, n, 1 FROM (SELECT generate_series(1, 20000)::text AS n) numbers`,
      url,
    );
    const scanned = await reader.data.database.transact(async (connection) => {
      await look(connection);
      return connection.get("SELECT seq_tup_read AS rows FROM pg_stat_xact_user_tables WHERE relname = 'users'");
    });
    // The first runs are counted, too.
    assert.ok(Number(scanned?.rows) < 1_000, `${scanned?.rows} rows were read`);
  });

  it('builds the indexes of searches again after an interrupted build, and does without them if it has no right', async (test) => {
    const { url, reader } = await scene(test);
    const valid = () =>
      server.query(
        "SELECT indexrelid::regclass::text AS name, indisvalid FROM pg_index WHERE indexrelid::regclass::text LIKE '%trigrams'",
        url,
      );
    const both = ['users_bin_trigrams', 'users_trigrams'].map((name) => ({ name, indisvalid: true }));
    assert.deepEqual((await valid()).toSorted(byName), both);
    await server.query("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'users_trigrams'::regclass", url);
    await reader.data.prepare();
    assert.deepEqual((await valid()).toSorted(byName), both);

    const other = await server.createDatabase();
    await server.query('CREATE ROLE guest LOGIN', other);
    await server.query('GRANT CREATE ON SCHEMA public TO guest', other);
    const guest = new Process(test, other.replace('//cadastro@', '//guest@'), newCache());
    await guest.data.prepare();
    await guest.users.create({ name: 'Ada', email: 'ada@example.com' });
    assert.deepEqual(await server.query("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'", other), []);
  });

  it('builds the indexes of searches behind PgBouncer in transaction mode, and leaves no lock', {
    skip: skipWithoutPgBouncer(),
  }, async (test) => {
    const url = await server.createDatabase();
    const bouncer = await PgBouncer.start(server);
    test.after(() => bouncer.stop());
    const data = new DataAccess(readConfig(bouncer.settings(url)), new EmbeddedStore(newCache()));
    test.after(() => data.close());
    // The three connections take turns, so that no statement follows another one on the same connection.
    await bouncer.openThree(url);
    await data.prepare();
    await server.query('DROP INDEX users_trigrams', url);
    await data.prepare();
    assert.deepEqual(await server.query("SELECT to_regclass('users_trigrams')::text AS name", url), [
      { name: 'users_trigrams' },
    ]);
    assert.deepEqual(await server.query("SELECT pid FROM pg_locks WHERE locktype = 'advisory'", url), []);
  });

  it('finds and sorts as SQLite does', async (test) => {
    const { writer } = await scene(test);
    const { data: sqlite } = { data: new DataAccess(readConfig({ DATABASE_URL: `sqlite:${newCache()}` })) };
    test.after(() => sqlite.close());
    await sqlite.prepare();
    const other = new UserDirectory(sqlite, 30, 365);
    const names = [
      'Zoë',
      'zoe',
      'Ångström',
      '100% sure',
      'under_score',
      'back\\slash',
      'ÉMILE',
      'Straße',
      'a-b',
      'a b',
      'ab',
      '日本',
    ];
    for (const directory of [writer.users, other]) {
      if (directory === other) await other.create({ name: 'Ada', email: 'ada@example.com' });
      for (const [index, name] of names.entries()) await directory.create({ name, email: `${index}@example.com` });
    }
    const { parseListQuery } = await import('../../resources/list-query.ts');
    const { userSortColumns } = await import('../../users/resource.ts');
    for (const query of [
      ...['id', '-id', 'name', '-name', 'email', '-createdAt'].map((sort) => ({ sort, limit: '5' })),
      ...['%', '_', '\\', 'zoe', 'a', 'strasse', '日', 'example', 'a b'].map((q) => ({ q })),
      { q: 'e', sort: '-name' },
    ]) {
      const [one, two] = await Promise.all(
        [writer.users, other].map(async (directory) => {
          const page = JSON.parse((await directory.list(parseListQuery(query, userSortColumns), new ReadTrace())).json);
          return [page.total, page.next === null, page.users.map(({ name }: User) => name)];
        }),
      );
      assert.deepEqual(one, two, JSON.stringify(query));
    }
  });
});
