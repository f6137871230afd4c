/** A person who was erased is in no table, in no file of the database, in no cached answer, and in no restored backup. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import BetterSqlite3 from 'better-sqlite3';
import { runCommand } from '../tests/support/data-commands.ts';
import { PostgresServer, skipWithoutPostgres } from '../tests/support/postgres.ts';
import { skipWithout } from '../tests/support/requirement.ts';
import { startRouter } from '../tests/support/router.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-erase-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = (ending: string) => join(folder, `${++files}.${ending}`);
const trace = /zacharias|zoe\.secret/i;

/** @param newDatabase makes an empty one, and returns its URL */
function testsOf(newDatabase: () => Promise<string>): void {
  it('leaves no trace of the person, while a router runs, and a restored backup brings nobody back', async (test) => {
    const url = await newDatabase();
    const env = { DATABASE_URL: url };
    const router = await startRouter({ env });
    test.after(() => router.stop());
    const send = (method: string, path: string, body?: object, key?: string) =>
      fetch(router.url + path, {
        method,
        headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
        ...(body && { body: JSON.stringify(body) }),
      });
    await send('POST', '/users', { name: 'Stays', email: 'stays@example.org' });
    await send('POST', '/users', { name: 'Zacharias', email: 'zoe.secret@example.org' }, 'a-key');
    await send('PATCH', '/users/2', { email: 'zoe.secret2@example.org' });
    await send(
      'POST',
      '/users/batch',
      { users: [{ name: 'Zacharias B', email: 'zoe.secret2@example.org' }], existing: 'update' },
      'other',
    );
    await send('DELETE', '/users/2');
    await send('POST', '/users/bin/restore', { ids: [2] });
    const backup = newFile('backup');
    assert.equal((await runCommand('backup', [backup], env)).code, 0);
    for (const path of ['/users', '/users/2', '/users?q=zacharias']) await (await send('GET', path)).text();
    const data = newFile('site');
    for (const [name, text] of [
      ['of-the-person', '[{"email":"ZOE.secret@example.org"}]'],
      ['of-others', '[{"email":"m.zoe.secret@example.org"}]'],
    ] as const) {
      mkdirSync(join(data, 'imports', name), { recursive: true });
      writeFileSync(join(data, 'imports', name, 'rows.ndjson'), text);
    }

    const { code, stderr } = await runCommand('erase', ['2', '--imports', data], env);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /users 2, with 5 changes and 1 imports/);
    assert.deepEqual(
      ['of-the-person', 'of-others'].map((name) => existsSync(join(data, 'imports', name))),
      [false, true],
    );
    for (const path of ['/users/2', '/users/2/history']) assert.equal((await send('GET', path)).status, 404, path);
    // A search for "zacharias" would be a key of the cache.
    for (const path of ['/users', '/users?q=z', '/users/bin']) {
      assert.doesNotMatch(await (await send('GET', path)).text(), trace, path);
    }
    assert.match(await (await send('GET', '/users')).text(), /"total":1,/);
    const everything = async () => gunzipSync((await runCommand('backup', ['-'], env)).stdout).toString();
    assert.doesNotMatch(await everything(), trace);
    assertNoTraceIn(url);

    for (const target of [url, await newDatabase()]) {
      const restored = await runCommand('restore', [backup, '--replace'], { DATABASE_URL: target });
      assert.equal(restored.code, 0, restored.stderr);
    }
    assertNoTraceIn(url);
    assert.equal((await send('GET', '/users/2')).status, 404);
    assert.match(await (await send('GET', '/users')).text(), /"total":1,/);
    assert.doesNotMatch(await everything(), trace);
    const { stdout } = await runCommand('erase', ['--list'], env);
    assert.match(stdout.toString(), /^2@[\dT:.-]+Z,[\dT:.-]+Z\n$/);
    const next = await send('POST', '/users', { name: 'Next', email: 'next@example.org' });
    assert.equal(next.headers.get('location'), '/users/3');
  });

  it('erases nobody who only has the id of an erased user, and gives no such id out again', async () => {
    const create = async (env: Record<string, string>, names: string[]) => {
      const router = await startRouter({ env });
      const headers = { 'content-type': 'application/json' };
      const users = names.map((name) => ({ name, email: `${name.toLowerCase()}@example.org` }));
      const response = await fetch(`${router.url}/users/batch`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ users }),
      });
      const { results } = (await response.json()) as { results: { id: number }[] };
      await router.stop();
      return results.map(({ id }) => id);
    };
    const namesIn = async (env: Record<string, string>) => {
      const router = await startRouter({ env });
      const { users } = (await (await fetch(`${router.url}/users`)).json()) as { users: { name: string }[] };
      await router.stop();
      return users.map(({ name }) => name);
    };
    const old = { DATABASE_URL: await newDatabase() };
    await create(old, ['Alice', 'Bob']);
    const backup = newFile('backup');
    assert.equal((await runCommand('backup', [backup], old)).code, 0);
    assert.deepEqual(await create(old, ['Xavier']), [3]);
    const later = newFile('backup');
    assert.equal((await runCommand('backup', [later], old)).code, 0);
    assert.equal((await runCommand('erase', ['3'], old)).code, 0);
    const list = (await runCommand('erase', ['--list'], old)).stdout.toString().trim().split('\n');

    const used = { DATABASE_URL: await newDatabase() };
    assert.equal((await runCommand('restore', [backup], used)).code, 0);
    assert.deepEqual(await create(used, ['Yolanda']), [3]);
    const late = await runCommand('erase', list, used);
    assert.deepEqual([late.code, late.stderr], [0, 'Left alone, since they were created at another time: 3.\n']);
    assert.deepEqual(await namesIn(used), ['Alice', 'Bob', 'Yolanda']);

    const fresh = { DATABASE_URL: await newDatabase() };
    assert.equal((await runCommand('restore', [backup], fresh)).code, 0);
    const early = await runCommand('erase', list, fresh);
    assert.deepEqual([early.code, /Erased earlier: 3\./.test(early.stderr)], [0, true], early.stderr);
    assert.deepEqual(await create(fresh, ['Zoe']), [4]);

    // The list of a directory in which somebody was erased for a trial says nothing of the people of another one.
    // Afterwards both lists hold.
    const trial = { DATABASE_URL: await newDatabase() };
    await create(trial, ['Trial']);
    assert.equal((await runCommand('erase', ['1'], trial)).code, 0);
    const moved = await runCommand('move', [used.DATABASE_URL, trial.DATABASE_URL]);
    assert.equal(moved.code, 0, moved.stderr);
    assert.deepEqual(await namesIn(trial), ['Alice', 'Bob', 'Yolanda']);
    const lines = (await runCommand('erase', ['--list'], trial)).stdout.toString();
    assert.deepEqual(lines.match(/^\d+/gm), ['1', '3']);

    // Yolanda has the id of Xavier, whom a backup brings back.
    const again = await runCommand('restore', [later, '--replace'], trial);
    assert.deepEqual([again.code, /Erased again, as before: users 3\./.test(again.stderr)], [0, true], again.stderr);
    assert.deepEqual(await namesIn(trial), ['Alice', 'Bob']);
  });

  it('tells of imports that it did not find, and erases them later by the e-mail', async (test) => {
    const env = { DATABASE_URL: await newDatabase(), SITE_DATA: newFile('empty') };
    const router = await startRouter({ env });
    test.after(() => router.stop());
    await fetch(`${router.url}/users`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ name: 'Zoe', email: 'zoe@example.org' }),
    });
    const first = await runCommand('erase', ['1'], env);
    assert.equal(first.code, 0);
    assert.match(first.stderr, /with 1 changes and no imports/);
    const [, advice = ''] = /npm run erase -- (--email 'zoe@example\.org' --imports) FOLDER/.exec(first.stderr) ?? [];
    const args = advice.replaceAll("'", '').split(' ');
    const missing = await runCommand('erase', [...args, env.SITE_DATA], env);
    assert.deepEqual([missing.code, /holds no imports/.test(missing.stderr)], [1, true]);
    const data = newFile('site');
    mkdirSync(join(data, 'imports/one'), { recursive: true });
    writeFileSync(join(data, 'imports/one/rows.ndjson'), '{"email":"zoe@example.org"}');
    const later = await runCommand('erase', [...args, data], env);
    assert.deepEqual([later.code, /: 1 imports/.test(later.stderr)], [0, true], later.stderr);
    assert.equal(existsSync(join(data, 'imports/one')), false);
  });

  it('finishes what an earlier command has begun', async (test) => {
    const env = { DATABASE_URL: await newDatabase() };
    const router = await startRouter({ env });
    test.after(() => router.stop());
    await fetch(`${router.url}/users`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ name: 'Zacharias', email: 'zoe.secret@example.org' }),
    });
    assert.equal((await runCommand('erase', ['1'], env)).code, 0);
    const again = await runCommand('erase', ['1'], env);
    assert.deepEqual([again.code, /Erased earlier: 1/.test(again.stderr)], [0, true], again.stderr);
    const other = await runCommand('erase', ['1', '9'], env);
    assert.deepEqual(
      [other.code, /holds nothing of a user with the id 9$/m.test(other.stderr)],
      [1, true],
      other.stderr,
    );
  });

  it('refuses a directory that has moved away, and keeps its imports', async (test) => {
    const env = { DATABASE_URL: await newDatabase() };
    const router = await startRouter({ env });
    test.after(() => router.stop());
    await fetch(`${router.url}/users`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ name: 'Zoe', email: 'zoe@example.org' }),
    });
    const move = await runCommand('move', [env.DATABASE_URL, await newDatabase()]);
    assert.equal(move.code, 0, move.stderr);
    const data = newFile('site');
    mkdirSync(join(data, 'imports/one'), { recursive: true });
    writeFileSync(join(data, 'imports/one/rows.ndjson'), '{"email":"zoe@example.org"}');
    const { code } = await runCommand('erase', ['1', '--imports', data], env);
    assert.deepEqual([code, existsSync(join(data, 'imports/one'))], [2, true]);
  });

  it('refuses an id of nobody and an argument that is no id, and changes nothing', async (test) => {
    const env = { DATABASE_URL: await newDatabase() };
    const router = await startRouter({ env });
    test.after(() => router.stop());
    const unknown = await runCommand('erase', ['7'], env);
    assert.deepEqual([unknown.code, /holds nothing of a user with the id 7/.test(unknown.stderr)], [1, true]);
    for (const args of [[], ['0'], ['x'], ['7@'], ['7@x,y'], ['--email', ''], ['7', '--email', 'x']])
      assert.equal((await runCommand('erase', args, env)).code, 2, args.join());
    assert.equal((await runCommand('erase', ['--list'], env)).stdout.toString(), '');
  });
}

/** Looks also into the free space of SQLite's file and at its log, and into the cache beside it. */
function assertNoTraceIn(url: string): void {
  if (!url.startsWith('sqlite:')) return;
  const file = url.slice('sqlite:'.length);
  for (const ending of ['', '-wal', '-cache', '-cache-wal']) {
    const bytes = existsSync(file + ending) ? readFileSync(file + ending, 'latin1') : '';
    assert.equal(trace.exec(bytes)?.[0], undefined, ending);
  }
}

describe('npm run erase on SQLite', () => {
  testsOf(async () => `sqlite:${newFile('db')}`);

  const { error } = spawnSync('prlimit', ['--version'], { stdio: 'ignore' });
  it('says what is left to do when the disk is too full to rewrite the file, and does it the next time', {
    skip: skipWithout(error && 'prlimit is not installed'),
  }, async () => {
    const file = newFile('db');
    const env = { DATABASE_URL: `sqlite:${file}` };
    const router = await startRouter({ env });
    const users = Array.from({ length: 1000 }, (_, at) => ({ name: `Stays ${at}`, email: `stays${at}@example.org` }));
    for (const body of [{ users: [{ name: 'Zacharias', email: 'zoe.secret@example.org' }] }, { users }]) {
      const headers = { 'content-type': 'application/json' };
      await fetch(`${router.url}/users/batch`, { method: 'POST', headers, body: JSON.stringify(body) });
    }
    await router.stop();
    // The log would be above the limit already.
    const database = new BetterSqlite3(file);
    database.pragma('wal_checkpoint(TRUNCATE)');
    database.close();
    const [data, imported] = [newFile('site'), 'imports/of-the-person'];
    mkdirSync(join(data, imported), { recursive: true });
    writeFileSync(join(data, imported, 'rows.ndjson'), '[{"email":"zoe.secret@example.org"}]');

    const limited = ['--fsize=200000', process.execPath, 'infra/scripts/erase.ts', '1', '--imports', data];
    const { status, stderr } = spawnSync('prlimit', limited, {
      env: { PATH: process.env.PATH, ...env },
      encoding: 'utf8',
    });
    assert.match(stderr, /^Erased from .* and 1 imports\./);
    assert.match(stderr, /could not be rewritten .* make room on its disk, and erase them again$/m);
    assert.deepEqual([status, existsSync(join(data, imported))], [1, false]);
    const again = await runCommand('erase', ['1', '--imports', data], env);
    assert.equal(again.code, 0, again.stderr);
    assertNoTraceIn(env.DATABASE_URL);
  });
});

describe('npm run erase on PostgreSQL', { skip: skipWithoutPostgres() }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await PostgresServer.start();
  });
  after(() => server.stop());
  testsOf(() => server.createDatabase());
});
