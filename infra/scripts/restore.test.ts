/** Backups and their restoration, by the commands as a person runs them, on both engines. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { createApiKey, listApiKeys } from '#lib/accounts/api-keys.ts';
import { prepareSiteKey } from '#lib/accounts/site-key.ts';
import { readConfig } from '#lib/config.ts';
import { setLogLevel } from '#lib/logger.ts';
import { DataAccess } from '#lib/resources/data-access.ts';
import { UserDirectory } from '#lib/users/directory.ts';
import { linesOf, rowsAt, runCommand, startCommand, withSums } from '../tests/support/data-commands.ts';
import { PostgresServer, skipWithoutPostgres } from '../tests/support/postgres.ts';
import { startRouter } from '../tests/support/router.ts';

setLogLevel('SILENT');

const folder = mkdtempSync(join(tmpdir(), 'cadastro-restore-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
const newFile = (ending = 'db') => join(folder, `${++files}.${ending}`);
const newSqlite = async () => `sqlite:${newFile()}`;

const unusualNames = [
  "Robert'); DROP TABLE users;--",
  'Zoë \\ "Ångström"',
  'Ana 👩‍👩‍👧‍👦 Família',
  'Nguye\u0302\u0303n',
  'מרים',
  '李小龍',
  'a\u2028b? $1 %_',
  'I\u0307 ı İ ß ẞ',
];

/** Makes a directory with unusual names, a changed user, a user in the bin and an idempotency key. The last id has no user. */
async function fill(url: string): Promise<void> {
  const data = new DataAccess(readConfig({ DATABASE_URL: url }));
  await data.prepare();
  const users = new UserDirectory(data, 30, 365);
  for (const [index, name] of unusualNames.entries()) {
    await users.create({ name, email: `user${index}@example.org` }, index === 0 ? 'a key' : undefined);
  }
  await users.update(2, { name: 'Changed', email: 'changed@example.org' }, () => true);
  await users.delete(unusualNames.length, () => true);
  await data.close();
}

/** Adds many users by one statement. */
async function addMany(url: string, count: number): Promise<void> {
  const data = new DataAccess(readConfig({ DATABASE_URL: url }));
  await data.prepare();
  const users = Array.from(
    { length: count },
    (_, index) => `('User', 'u${index}@x.org', 'user', 'u${index}@x.org', 'user', '', '', 1)`,
  );
  await data.database.transact(async (connection) => {
    await connection.run(
      `INSERT INTO users (name, email, name_key, email_key, search_text, created_at, updated_at, version) VALUES ${users.join()}`,
    );
    await connection.run(`UPDATE resources SET total = total + ? WHERE name = 'users'`, count);
  });
  await data.close();
}

const backup = (url: string, ...args: string[]) => runCommand('backup', args, { DATABASE_URL: url });
const restore = (url: string, ...args: string[]) => runCommand('restore', args, { DATABASE_URL: url });

const unfinishedOf = (file: string) =>
  readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)) && name.endsWith('.partial'));

/** Tests that are the same on both engines. @param newDatabase makes an empty one, and returns its URL */
function testsOf(newDatabase: () => Promise<string>): void {
  it('restores every row as it was, and gives no number twice', async () => {
    const url = await newDatabase();
    await fill(url);
    const file = newFile('backup');
    writeFileSync(`${file}.partial`, 'of somebody else');
    const both = await Promise.all([backup(url, file, '--force'), backup(url, file, '--force')]);
    for (const { code, stderr } of both) assert.equal(code, 0, stderr);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(unfinishedOf(file), [`${basename(file)}.partial`]);
    for (const other of [await newDatabase(), await newSqlite()]) {
      const { code, stderr } = await restore(other, file);
      assert.equal(code, 0, stderr);
      assert.deepEqual(await rowsAt(other), linesOf(readFileSync(file)));
      const data = new DataAccess(readConfig({ DATABASE_URL: other }));
      const created = await new UserDirectory(data, 30, 365).create({ name: 'Next', email: 'next@example.org' });
      assert.equal(created.user.id, unusualNames.length + 1);
      await data.close();
    }
  });

  it('restores while a router runs, and neither cache nor numbers keep anything of later', async (t) => {
    const url = await newDatabase();
    const router = await startRouter({ env: { DATABASE_URL: url } });
    t.after(() => router.stop());
    const send = (method: string, path: string, body?: object) =>
      fetch(router.url + path, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
    await send('POST', '/users', { name: 'Before', email: 'before@example.org' });
    const file = newFile('backup');
    assert.equal((await backup(url, file)).code, 0);
    await send('PATCH', '/users/1', { name: 'Later' });
    await send('POST', '/users', { name: 'Later', email: 'later@example.org' });
    // Put everything into the cache, which must not survive the restoration.
    for (const path of ['/users', '/users/1', '/users/2']) await (await send('GET', path)).text();

    const refused = await restore(url, file);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /is not empty \(5 rows\): --replace deletes them all/);
    assert.match(await (await send('GET', '/users/1')).text(), /Later/);

    const { code, stderr } = await restore(url, file, '--replace');
    assert.equal(code, 0, stderr);
    assert.match(await (await send('GET', '/users/1')).text(), /Before/);
    assert.equal((await send('GET', '/users/2')).status, 404);
    assert.match(await (await send('GET', '/users')).text(), /"total":1,/);
    const created = await send('POST', '/users', { name: 'After', email: 'later@example.org' });
    assert.equal(created.headers.get('location'), '/users/3');
    assert.match(await (await send('GET', '/users')).text(), /"total":2,/);
  });

  it('keeps the key with which the site follows changes, and no other key that the backup lacks', async () => {
    const url = await newDatabase();
    await fill(url);
    const file = newFile('backup');
    assert.equal((await backup(url, file)).code, 0);
    const data = new DataAccess(readConfig({ DATABASE_URL: url }));
    const keyFile = newFile('key');
    await prepareSiteKey(data.database, keyFile, Date.now());
    const other = { name: 'Site report of Bob', role: 'reader', lifetimeMs: undefined } as const;
    await data.database.transact((connection) => createApiKey(connection, other, Date.now()));
    const { code, stderr } = await restore(url, file, '--replace');
    assert.equal(code, 0, stderr);
    assert.equal(await prepareSiteKey(data.database, keyFile, Date.now()), false);
    const names = (await data.database.use(listApiKeys)).map(({ name }) => name);
    await data.close();
    assert.equal(names.length, 1);
    assert.match(names[0] ?? '', /^site /);
  });

  it('takes a directory for empty that has only the key of the site, as after a start with AUTH=on', async () => {
    const [source, target] = [await newDatabase(), await newDatabase()];
    await fill(source);
    const file = newFile('backup');
    assert.equal((await backup(source, file)).code, 0);
    const data = new DataAccess(readConfig({ DATABASE_URL: target }));
    await data.prepare();
    await prepareSiteKey(data.database, newFile('key'), Date.now());
    await data.close();
    const { code, stderr } = await restore(target, file);
    assert.equal(code, 0, stderr);
  });

  it('changes nothing when it is killed at any point', async () => {
    const many = await newSqlite();
    await addMany(many, 20_000);
    const file = newFile('backup');
    assert.equal((await backup(many, file)).code, 0);
    const url = await newDatabase();
    await fill(url);
    const rows = await rowsAt(url);
    for (const tenths of [1, 4, 8]) {
      const child = startCommand('restore', [file, '--replace'], { DATABASE_URL: url });
      const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream });
      let seen = 0;
      for await (const line of lines) if (/ of 4\d,\d+ rows/.test(line) && ++seen === tenths) break;
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      assert.equal(child.signalCode, 'SIGKILL');
      assert.deepEqual(await rowsAt(url), rows);
    }
    const { code, stderr } = await restore(url, file, '--replace');
    assert.equal(code, 0, stderr);
    assert.deepEqual(await rowsAt(url), linesOf(readFileSync(file)));
  });

  it('changes nothing when the backup is damaged or cut short', async () => {
    const url = await newDatabase();
    await fill(url);
    const rows = await rowsAt(url);
    const whole = (await backup(url, '-')).stdout;
    const text = gunzipSync(whole).toString();
    const [header = '', ...lines] = text.trimEnd().split('\n');
    const faults: [bytes: Buffer, message: RegExp][] = [
      [whole.subarray(0, whole.length - 20), /it is cut short$/m],
      [gzipSync(text.slice(0, -'{"complete":true}\n'.length)), /it is cut short$/m],
      [gzipSync(text.replace('Changed', 'Forged')), /the rows of the table user_changes differ from their sum$/m],
      [gzipSync(`${header}\n${lines.at(-1)}\n`), /the table .* is missing$/m],
      [gzipSync(text.replace('"formatVersion":1', '"formatVersion":9')), /its form has the version 9/],
      [gzipSync(text.replace('"migrations":[', '"migrations":["000-future",')), /use the program that wrote it$/m],
      [Buffer.from('no backup at all'), /it is damaged, or not a backup of cadastro/],
      [gzipSync('{"some":"json"}\n'), /it is not a backup of cadastro$/m],
      [Buffer.alloc(0), /it is (cut short|not a backup of cadastro)$/m],
    ];
    for (const [bytes, message] of faults) {
      const file = newFile('backup');
      writeFileSync(file, bytes);
      const { code, stderr } = await restore(url, file, '--replace');
      assert.equal(code, 1, stderr);
      assert.match(stderr, message);
      assert.ok(stderr.startsWith(`${file} can't be restored: `), stderr);
    }
    assert.deepEqual(await rowsAt(url), rows);
    const { code, stderr } = await runCommand('restore', ['-', '--replace'], { DATABASE_URL: url }, whole);
    assert.equal(code, 0, stderr);
    assert.deepEqual(await rowsAt(url), rows);
  });

  it('restores backups of older versions, and files that an older version copied', async () => {
    for (const version of ['version-3', 'version-6']) {
      const copy = newFile();
      copyFileSync(join(import.meta.dirname, `../tests/fixtures/databases/${version}.db`), copy);
      const file = newFile('backup');
      const made = await backup(`sqlite:${copy}`, file);
      assert.equal(made.code, 0, made.stderr);
      const lists = [];
      for (const from of [file, copy]) {
        const url = await newDatabase();
        const { code, stderr } = await restore(url, from);
        assert.equal(code, 0, stderr);
        lists.push((await rowsAt(url)).filter((line) => /^\[\d/.test(line)));
      }
      assert.match(String(lists[0]), /João da Silva/);
      assert.deepEqual(lists[0], lists[1]);
    }
  });
}

describe('backup and restore with SQLite', () => {
  testsOf(newSqlite);

  it('replaces nothing but a backup, and that only with --force', async () => {
    const url = await newSqlite();
    await fill(url);
    const file = newFile('backup');
    assert.equal((await backup(url, file)).code, 0);
    const refused = await backup(url, file);
    assert.deepEqual([refused.code, refused.stderr], [1, `${file} exists already: --force replaces a backup\n`]);
    const [first] = gunzipSync(readFileSync(file)).toString().split('\n');
    writeFileSync(file, gzipSync(`${first}\n`));
    assert.equal((await backup(url, file, '--force')).code, 0);
    assert.ok(linesOf(readFileSync(file)).length > 1);
    const database = url.slice('sqlite:'.length);
    const [link, text] = [newFile('backup'), newFile('backup')];
    symlinkSync(database, link);
    writeFileSync(text, 'precious');
    const rows = await rowsAt(url);
    for (const other of [database, link, text]) {
      const bytes = readFileSync(other);
      const { code, stderr } = await backup(url, other, '--force');
      assert.deepEqual([code, stderr.trimEnd().split('\n').length], [1, 1], stderr);
      assert.match(stderr, /not a backup of cadastro.*: name another file, or remove it\n$/);
      assert.deepEqual(readFileSync(other), bytes);
    }
    assert.deepEqual(await rowsAt(url), rows);
  });

  it('changes nothing when somebody has forged the backup, and says so in one line', async () => {
    const url = await newSqlite();
    await fill(url);
    const key = await runCommand('keys', ['create', 'Script', '--role', 'editor'], { DATABASE_URL: url });
    assert.equal(key.code, 0, key.stderr);
    const rows = await rowsAt(url);
    const text = gunzipSync((await backup(url, '-')).stdout).toString();
    const forge = (from: string | RegExp, to: string) => {
      assert.notEqual(text.replace(from, to), text, String(from));
      return withSums(text.replace(from, to));
    };
    const faults: [text: string, message: RegExp][] = [
      [`${text}{"more":1}\n`, /it goes on after its end$/],
      [`${text}more`, /it goes on after its end$/],
      ['null\n', /a line of it is damaged$/],
      [forge(/"migrations":\[.*?\]/, '"migrations":{}'), /its first line is damaged$/],
      [forge(/"createdAt":"/, '"createdAt":"\\u001b[2J'), /its first line is damaged$/],
      [forge(/"lastNumber":8/, '"lastNumber":9007199254740993'), /its first line is damaged$/],
      [forge('"name":"users"', '"name":"users\\" (id) VALUES (1); --"'), /its tables are not those of a directory$/],
      [forge('"columns":["id",', '"columns":["id","id",'), /its tables are not those of a directory$/],
      [forge(/\n(\{"table":.*)/, '\nnull\n$1'), /a line of it is damaged$/],
      [forge(/\n\[2,"Changed"/, '\n[2,["Changed"]'), /a row of the table users is not valid \(id .*\)$/],
      [forge(/\n\[2,"Changed"/, '\n[9007199254740993,"Changed"'), /a row of the table users is not valid \(id .*\)$/],
      [forge(/\n\[2,"Changed"/, '\n["Changed"'), /a row of the table users is not valid \(id .*\)$/],
      [forge(/,"editor",/, ',"superadmin",'), /the table api_keys has a role that there is not$/],
    ];
    for (const [forged, message] of faults) {
      const file = newFile('backup');
      writeFileSync(file, gzipSync(forged));
      const { code, stderr } = await restore(url, file, '--replace');
      const [line = '', ...more] = stderr.trimEnd().split('\n');
      assert.deepEqual([code, more], [1, []], stderr);
      assert.match(line, message);
      assert.ok(line.startsWith(`${file} can't be restored: `), stderr);
    }
    assert.deepEqual(await rowsAt(url), rows);
  });

  it('makes no backup that nobody could restore, and names the row', async () => {
    const url = await newSqlite();
    await fill(url);
    const database = new Database(url.replace('sqlite:', ''));
    database.exec('UPDATE users SET name = CAST(name AS BLOB) WHERE id = 2');
    database.close();
    const line = "The directory can't be copied: a row of the table users is not valid (id 2)";
    const file = newFile('backup');
    for (const made of [backup(url, file), backup(url, '-'), runCommand('move', [url, await newSqlite()])]) {
      const { code, stderr } = await made;
      assert.deepEqual([code, stderr.trimEnd().split('\n').at(-1)], [1, line], stderr);
    }
    assert.deepEqual([existsSync(file), unfinishedOf(file)], [false, []]);
  });

  it('names a path that is no place for a backup in one line', async () => {
    const url = await newSqlite();
    await fill(url);
    const file = newFile('backup');
    writeFileSync(file, '');
    for (const [args, line] of [
      [[`${file}/x`], /ENOTDIR: not a directory/],
      [[folder, '--force'], /is not a regular file$/],
      [['\u001b[2J/x'], /open '\\u001b\[2J\/x\.[-0-9a-f]+\.partial'$/],
    ] as [string[], RegExp][]) {
      const { code, stderr } = await backup(url, ...args);
      assert.deepEqual([code, stderr.trimEnd().split('\n').length], [1, 1], stderr);
      assert.match(stderr.trimEnd(), line);
    }
    for (const path of [`${file}/x`, folder]) {
      const { code, stderr } = await restore(url, path);
      assert.deepEqual([code, stderr.trimEnd().split('\n').length], [1, 1], stderr);
    }
  });

  it('says what is wrong with its arguments and settings', async () => {
    const missing = newFile();
    const none = await backup(`sqlite:${missing}`, newFile('backup'));
    assert.equal(none.code, 1);
    assert.match(none.stderr, new RegExp(`^There is no database at ${missing}: `));
    assert.ok(!existsSync(missing));
    const noBackup = await restore(`sqlite:${missing}`, newFile('backup'));
    assert.equal(noBackup.code, 1);
    assert.match(noBackup.stderr, /can't be read \(ENOENT/);
    assert.ok(!existsSync(missing));
    for (const name of ['backup', 'restore']) {
      for (const args of [[], [''], ['a', 'b'], ['a', '--unknown']]) {
        const { code, stderr } = await runCommand(name, args);
        assert.equal(code, 2, stderr);
        assert.ok(stderr.endsWith(`See npm run ${name} -- --help\n`), stderr);
      }
      const wrong = await runCommand(name, [newFile('backup')], { DATABASE_URL: 'mysql://x' });
      assert.equal(wrong.code, 2);
      assert.match(wrong.stderr, /^DATABASE_URL must be sqlite:PATH/);
      const help = await runCommand(name, ['--help']);
      assert.equal(help.code, 0);
      assert.match(help.stdout.toString(), new RegExp(`npm run ${name} -- FILE`));
    }
  });
});

describe('backup and restore with PostgreSQL', { skip: skipWithoutPostgres() }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await PostgresServer.start();
  });
  after(() => server.stop());

  testsOf(() => server.createDatabase());

  it('says that an empty database has no directory', async () => {
    const { code, stderr } = await backup(await server.createDatabase(), newFile('backup'));
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^There is no directory in postgres:\/\/cadastro@127\.0\.0\.1:\d+\/test_\d+: check the address\n$/,
    );
  });
});
