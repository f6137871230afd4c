import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { fitDatabase } from './dev-database.ts';

/** Makes a database with this many migrations, each of which has left its number in a table. */
function databaseAt(t: TestContext, version: number) {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-dev-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'app.db');
  const use = <T>(work: (database: Database.Database) => T): T => {
    const database = new Database(file);
    database.pragma('journal_mode = WAL');
    const result = work(database);
    database.close();
    return result;
  };
  const migrate = (to: number) =>
    use((database) => {
      database.exec('CREATE TABLE IF NOT EXISTS ran (number INTEGER)');
      for (let number = 1; number <= to; number++) {
        database.prepare('INSERT INTO ran SELECT ? WHERE ? NOT IN (SELECT number FROM ran)').run(number, number);
      }
      database.pragma(`user_version = ${to}`);
    });
  migrate(version);
  const migrations = () =>
    use((database) => database.prepare<[], { number: number }>('SELECT number FROM ran').all()).map(
      (row) => row.number,
    );
  return { file, migrate, migrations };
}

test('a database that fits, and one that is not there, stay as they are', async (t) => {
  const { file, migrations } = databaseAt(t, 2);
  assert.equal(await fitDatabase(file, 2), undefined);
  assert.deepEqual(migrations(), [1, 2]);
  assert.equal(await fitDatabase(join(file, '../none.db'), 2), undefined);
});

test('code without the latest migration gets the database from before it, and back again', async (t) => {
  const { file, migrate, migrations } = databaseAt(t, 2);
  await fitDatabase(file, 3);
  migrate(3);
  assert.match((await fitDatabase(file, 2)) ?? '', /back at migration 2/);
  assert.deepEqual(migrations(), [1, 2]);
  await fitDatabase(file, 3);
  migrate(3);
  assert.deepEqual(migrations(), [1, 2, 3]);
});

test('a migration whose text has changed runs again on the database from before it', async (t) => {
  const { file, migrate, migrations } = databaseAt(t, 2);
  await fitDatabase(file, 3);
  migrate(3);
  assert.match((await fitDatabase(file, 3, 3)) ?? '', /back at migration 2/);
  assert.deepEqual(migrations(), [1, 2]);
});

test('without a copy the developer is told what to do', async (t) => {
  const { file, migrations } = databaseAt(t, 3);
  await assert.rejects(fitDatabase(file, 2), /has 3 migrations, and this code fits 2.*move the file away/);
  assert.deepEqual(migrations(), [1, 2, 3]);
});
