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

it('makes the folder, and opens the file so that it survives a power cut', async () => {
  const pragma = (name: string) =>
    database.use((connection) => Object.values(connection.get(`PRAGMA ${name}`) ?? {})[0]);
  assert.equal(await pragma('journal_mode'), 'wal');
  assert.equal(await pragma('synchronous'), 2);
});

it('undoes a transaction that throws, and one savepoint alone', async () => {
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

it('waits for the lock that another process holds, and lets other work go on meanwhile', async () => {
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

it('keeps its hands off the connection while Knex holds it', async () => {
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

it('says so when the file can not be opened', async () => {
  const broken = new Database({ file: folder, synchronous: 'FULL', schemaVersion: 0 });
  await assert.rejects(
    broken.use(() => {}),
    { name: 'DatabaseUnavailable', status: 503 },
  );
  await broken.close();
});

it('refuses to work before the schema is there', async () => {
  const early = new Database({ file, synchronous: 'FULL', schemaVersion: 1 });
  await assert.rejects(
    early.use(() => {}),
    (error: Error) => error.name === 'DatabaseUnavailable' && /invoke migrate first/.test(String(error.cause)),
  );
  await (await early.knex()).raw('PRAGMA user_version = 1');
  assert.equal(await early.use(() => 'works'), 'works');
  await early.close();
});
