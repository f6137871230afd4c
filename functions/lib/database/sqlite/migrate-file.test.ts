import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { SqliteEngine } from './sqlite-engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-migrate-'));
const file = join(folder, 'app.db');
const database = new SqliteEngine({ file, synchronous: 'FULL', schemaVersion: 1 });
after(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const migrations = [
  {
    name: '001-notes',
    up: (knex: Awaited<ReturnType<SqliteEngine['knex']>>) =>
      knex.schema.createTable('notes', (table) => {
        table.increments('id');
      }),
  },
];

it('runs each migration once', async () => {
  assert.deepEqual(await database.migrate(migrations), ['001-notes']);
  assert.deepEqual(await database.migrate(migrations), []);
});

it('finishes what a program that died had begun, whether it kept a lock of its own or not', async () => {
  const half = join(folder, 'half.db');
  const raw = new BetterSqlite3(half);
  raw.exec(`CREATE TABLE knex_migrations (id integer PRIMARY KEY AUTOINCREMENT, name varchar(255), batch integer, migration_time datetime);
    INSERT INTO knex_migrations (name, batch) VALUES ('001-notes', 1);
    CREATE TABLE notes (id INTEGER PRIMARY KEY);
    CREATE TABLE knex_migrations_lock ("index" integer PRIMARY KEY AUTOINCREMENT, is_locked integer);
    INSERT INTO knex_migrations_lock (is_locked) VALUES (1)`);
  raw.close();
  const early = new SqliteEngine({ file: half, synchronous: 'FULL', schemaVersion: 2 });
  const failing = { name: '002-fails', up: () => Promise.reject(new Error('killed here')) };
  await assert.rejects(early.migrate([...migrations, failing]), /killed here/);
  assert.deepEqual(await early.migrate([...migrations, { name: '002-works', up: async () => {} }]), ['002-works']);
  assert.equal(await early.use(() => 'works'), 'works');
  await early.close();
});

it('waits for a process that writes, unless nothing is missing', async () => {
  const other = new BetterSqlite3(file);
  other.exec('BEGIN IMMEDIATE');
  assert.deepEqual(await database.migrate(migrations), []);
  const more = [...migrations, { name: '002-nothing', up: async () => {} }];
  const migrated = database.migrate(more);
  assert.equal(await Promise.race([migrated, pause(30, 'waits')]), 'waits');
  other.exec('COMMIT');
  other.close();
  assert.deepEqual(await migrated, ['002-nothing']);
});

it('changes nothing in a file of another program', async () => {
  const foreign = join(folder, 'foreign.db');
  for (const version of [0, 1, 75]) {
    const raw = new BetterSqlite3(foreign);
    raw.exec(`CREATE TABLE IF NOT EXISTS sqlites (id INTEGER PRIMARY KEY); PRAGMA user_version = ${version}`);
    raw.close();
    const before = readFileSync(foreign);
    const one = new SqliteEngine({ file: foreign, synchronous: 'FULL', schemaVersion: 2 });
    const refusal = { name: 'ConfigurationError', message: /another program wrote this/ };
    await assert.rejects(
      one.use(() => {}),
      refusal,
    );
    await assert.rejects(one.migrate(migrations), refusal);
    await one.close();
    assert.deepEqual(readFileSync(foreign), before);
  }
});
