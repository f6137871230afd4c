import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { Database } from './database.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-database-'));
const file = join(folder, 'deep/down/app.db');
const open = () => new Database({ file, synchronous: 'FULL', schemaVersion: 0 });
const database = open();
await database.use((connection) => connection.run('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT UNIQUE)'));
after(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const texts = () =>
  database.use((connection) => connection.all('SELECT text FROM notes ORDER BY id').map(({ text }) => text));

it('creates the folder, and opens the file so that commits survive a power cut', async () => {
  const pragma = (name: string) =>
    database.use((connection) => Object.values(connection.get(`PRAGMA ${name}`) ?? {})[0]);
  assert.equal(await pragma('journal_mode'), 'wal');
  assert.equal(await pragma('synchronous'), 2);
});

it('undoes a transaction that throws, and a savepoint without the rest of its transaction', async () => {
  await database.use((connection) =>
    connection.transaction(() => {
      connection.run("INSERT INTO notes (text) VALUES ('kept')");
      assert.throws(() =>
        connection.savepoint(() => {
          connection.run("INSERT INTO notes (text) VALUES ('undone')");
          throw new Error('no');
        }),
      );
    }),
  );
  await assert.rejects(
    database.use((connection) =>
      connection.transaction(() => {
        connection.run("INSERT INTO notes (text) VALUES ('undone')");
        throw new Error('no');
      }),
    ),
  );
  assert.deepEqual(await texts(), ['kept']);
});

it('waits for a lock that another process holds, and lets other work go on meanwhile', async () => {
  const other = new BetterSqlite3(file);
  other.exec('BEGIN IMMEDIATE');
  const write = database.use((connection) => connection.run("INSERT INTO notes (text) VALUES ('late')"));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(await texts(), ['kept']);
  other.exec('COMMIT');
  other.close();
  await write;
  assert.deepEqual(await texts(), ['kept', 'late']);
});

it('does not use the connection while Knex holds it', async () => {
  const seen: string[] = [];
  const transaction = (await database.knex()).transaction(async (trx) => {
    await trx('notes').insert({ text: 'half' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    seen.push('transaction');
    throw new Error('undo');
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  const read = texts().then((found) => {
    seen.push('read');
    return found;
  });
  await assert.rejects(transaction, /undo/);
  assert.deepEqual(await read, ['kept', 'late']);
  assert.deepEqual(seen, ['transaction', 'read']);
});

it('says that the database is not available when the file can not be opened', async () => {
  const broken = new Database({ file: folder, synchronous: 'FULL', schemaVersion: 0 });
  await assert.rejects(
    broken.use(() => {}),
    { name: 'DatabaseUnavailable', status: 503 },
  );
  await broken.close();
});

it('asks for a migration while the schema is older than the program, and works as soon as it has run', async () => {
  const early = new Database({ file, synchronous: 'FULL', schemaVersion: 1 });
  await assert.rejects(
    early.use(() => {}),
    { name: 'SchemaMismatch', status: 503, message: /schema version 0, and this program needs 1: .*"migrate"/ },
  );
  await (await early.knex()).raw('PRAGMA user_version = 1');
  assert.equal(await early.use(() => 'works'), 'works');
  await early.close();
});

it('says that the program is older than the schema, also when a migration has just removed a table', async () => {
  const newer = new BetterSqlite3(file);
  newer.pragma('user_version = 1');
  const old = new Database({ file, synchronous: 'FULL', schemaVersion: 1 });
  const read = () => old.use((connection) => connection.all('SELECT * FROM gone'));
  await assert.rejects(read(), { code: 'SQLITE_ERROR', message: /no such table: gone/ });
  newer.pragma('user_version = 2');
  newer.close();
  const expected = {
    name: 'SchemaMismatch',
    message: /schema version 2, and this program needs 1: update this program/,
  };
  await assert.rejects(read(), expected);
  await assert.rejects(
    old.use(() => {}),
    expected,
  );
  await old.close();
});
