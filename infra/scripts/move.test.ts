/** Moves of a directory between databases, by the command as a person runs it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { readConfig } from '#lib/config.ts';
import { setLogLevel } from '#lib/logger.ts';
import { DataAccess } from '#lib/resources/data-access.ts';
import { linesOf, rowsAt, runCommand, startCommand } from '../tests/support/data-commands.ts';
import { PgBouncer, skipWithoutPgBouncer } from '../tests/support/pgbouncer.ts';
import { PostgresServer, skipWithoutPostgres } from '../tests/support/postgres.ts';
import { type Router, startRouter } from '../tests/support/router.ts';

setLogLevel('SILENT');

const names = [
  "O'Neil",
  'Zoë \\ "Å"',
  'Ana 👩‍👩‍👧‍👦',
  'Nguye\u0302\u0303n',
  'מרים',
  '李小龍',
  'İpek ı',
  'Straße',
  'zebra',
  'Zebra',
  'àé',
  'b%_$1?',
];

describe('move', { skip: skipWithoutPostgres() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-move-'));
  let server: PostgresServer;
  let files = 0;
  const newSqlite = () => `sqlite:${join(folder, `${++files}.db`)}`;
  before(async () => {
    server = await PostgresServer.start();
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const send = (url: string, method: string, path: string, body?: object) =>
    fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });

  async function create(router: Router): Promise<void> {
    for (const [index, name] of names.entries()) {
      await send(router.url, 'POST', '/users', { name, email: `u${index}@example.org` });
    }
    await send(router.url, 'PATCH', '/users/2', { name: 'Changed' });
    await send(router.url, 'DELETE', `/users/${names.length}`);
  }

  /** Adds many users by one statement. */
  async function addMany(url: string, count: number): Promise<void> {
    const data = new DataAccess(readConfig({ DATABASE_URL: url }));
    await data.prepare();
    const users = Array.from({ length: count }, (_, n) => `('U', 'u${n}@x.org', 'u', 'u${n}@x.org', 'u', '', '', 1)`);
    await data.database.transact((connection) =>
      connection.run(
        `INSERT INTO users (name, email, name_key, email_key, search_text, created_at, updated_at, version) VALUES ${users.join()}`,
      ),
    );
    await data.close();
  }

  /** Reads lists in every order, a search, each page by its cursor, and users, with their entity tags. */
  async function answersOf({ url }: Router): Promise<unknown[]> {
    const answers: unknown[] = [];
    const orders = ['id', 'name', 'email', 'createdAt'].flatMap((sort) => [sort, `-${sort}`]);
    for (const query of [...orders.map((sort) => `limit=4&sort=${sort}`), 'q=z&limit=2', 'q=an']) {
      let cursor: string | null = '';
      while (cursor !== null) {
        const response = await send(url, 'GET', `/users?${query}${cursor && `&cursor=${cursor}`}`);
        const page = (await response.json()) as { next: string | null };
        answers.push([query, response.headers.get('etag'), page]);
        cursor = page.next;
      }
    }
    const paths = ['/users/1', '/users/2', '/users/bin', '/users/2/history', `/users/${names.length}/history`];
    for (const path of paths) {
      const response = await send(url, 'GET', path);
      answers.push([path, response.headers.get('etag'), await response.text()]);
    }
    return answers;
  }

  it('moves, backs up and restores through PgBouncer in transaction mode', {
    skip: skipWithoutPgBouncer(),
  }, async (t) => {
    const [from, to] = [newSqlite(), await server.createDatabase()];
    await addMany(from, 300);
    const rows = await rowsAt(from);
    const bouncer = await PgBouncer.start(server);
    t.after(() => bouncer.stop());
    await bouncer.openThree(to);

    const settings = bouncer.settings(to);
    const moved = await runCommand('move', [from], settings);
    assert.equal(moved.code, 0, moved.stderr);
    assert.deepEqual(await rowsAt(to), rows);

    const backup = await runCommand('backup', ['-'], settings);
    assert.equal(backup.code, 0, backup.stderr);
    assert.deepEqual(linesOf(backup.stdout), rows);
    await server.query('DELETE FROM users WHERE id > 10', to);
    const restored = await runCommand('restore', ['-', '--replace'], settings, backup.stdout);
    assert.equal(restored.code, 0, restored.stderr);
    assert.deepEqual(await rowsAt(to), rows);
  });

  it('answers everything as before in the new database, and takes writes there alone', async (t) => {
    const [from, to] = [newSqlite(), await server.createDatabase()];
    const old = await startRouter({ env: { DATABASE_URL: from } });
    t.after(() => old.stop());
    await create(old);
    const before = await answersOf(old);
    const rows = await rowsAt(from);

    const { code, stderr } = await runCommand('move', [from, to]);
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /^Moved sqlite:.* to postgres:.*: \d+ rows, each compared\. Start the API with DATABASE_URL=postgres:/,
    );
    assert.deepEqual(await rowsAt(to), rows);

    const late = await send(old.url, 'POST', '/users', { name: 'Late', email: 'late@example.org' });
    assert.equal(late.status, 503);
    assert.match(await late.text(), /problem:directory-moved/);
    assert.equal((await send(old.url, 'GET', '/users/1')).status, 200);
    assert.deepEqual(await rowsAt(from), rows);
    await assert.rejects(
      startRouter({ env: { DATABASE_URL: from } }),
      /the router ended with 2: .*has moved to postgres:/,
    );

    const router = await startRouter({ env: { DATABASE_URL: to } });
    t.after(() => router.stop());
    assert.deepEqual(await answersOf(router), before);
    const next = await send(router.url, 'POST', '/users', { name: 'Next', email: 'next@example.org' });
    assert.equal(next.headers.get('location'), `/users/${names.length + 1}`);

    // The way back.
    const third = newSqlite();
    const back = await runCommand('move', [to, third]);
    assert.equal(back.code, 0, back.stderr);
    assert.deepEqual(await rowsAt(third), await rowsAt(to));
    assert.equal((await send(router.url, 'DELETE', '/users/1')).status, 503);

    const reopened = await runCommand('move', ['--reopen', from]);
    assert.equal(reopened.code, 0, reopened.stderr);
    assert.equal((await send(old.url, 'POST', '/users', { name: 'Late', email: 'late@example.org' })).status, 201);
  });

  it('can be repeated after a kill at any point, and never lets both databases take writes', async () => {
    const [from, to] = [newSqlite(), await server.createDatabase()];
    await addMany(from, 20_000);
    const rows = await rowsAt(from);
    for (const tenth of [1, 4, 8, 10]) {
      const child = startCommand('move', [from, to], {});
      let seen = 0;
      for await (const line of createInterface({ input: child.stderr as NodeJS.ReadableStream })) {
        if (/ of 40,\d+ rows/.test(line) && ++seen === tenth) break;
      }
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    const { code, stderr } = await runCommand('move', [from, to]);
    // The last kill may have come after the end.
    assert.ok(code === 0 || /has moved to postgres/.test(stderr), stderr);
    assert.deepEqual(await rowsAt(to), rows);
  });

  it('goes on after a kill between the commits of the two databases', async () => {
    for (const isSourceMarked of [false, true]) {
      const [from, to] = [newSqlite(), await server.createDatabase()];
      await addMany(from, 10);
      assert.equal((await runCommand('move', [from, to])).code, 0);
      const mark = async (url: string, move: object | null) => {
        const data = new DataAccess(readConfig({ DATABASE_URL: url }));
        const text = move && JSON.stringify(move);
        await data.database.use((connection) => connection.run('UPDATE cache_state SET move = ?', text));
        await data.close();
      };
      await mark(to, { id: 'one', from });
      await mark(from, isSourceMarked ? { id: 'one', to } : null);
      await assert.rejects(startRouter({ env: { DATABASE_URL: to } }), /has not ended; run npm run move again/);
      const { code, stderr } = await runCommand('move', [from, to]);
      assert.equal(code, 0, stderr);
      assert.deepEqual(await rowsAt(to), await rowsAt(from));
      const router = await startRouter({ env: { DATABASE_URL: to } });
      assert.equal((await send(router.url, 'DELETE', '/users/1')).status, 204);
      await router.stop();
    }
  });

  it('says what is wrong, and changes nothing', async () => {
    const [from, full] = [newSqlite(), newSqlite()];
    await addMany(from, 3);
    await addMany(full, 2);
    const faults: [args: string[], code: number, message: RegExp][] = [
      [[], 2, /needs a SOURCE/],
      [[from, from], 2, /the same database/],
      [[from, 'mysql://x'], 2, /^TARGET must be sqlite:PATH/],
      [[`${newSqlite()}`, full], 1, /^There is no database at /],
      [[from, full], 1, /is not empty \(2 rows\): name an empty database/],
      [['--reopen', from], 1, /has not moved/],
    ];
    for (const [args, code, message] of faults) {
      const result = await runCommand('move', args);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, message);
    }
    assert.equal((await rowsAt(full)).filter((line) => /^\[\d/.test(line)).length, 2);
  });
});
