import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { Database } from './database.ts';
import { migrate } from './migrate.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-migrate-'));
const file = join(folder, 'app.db');
const database = new Database({ file, synchronous: 'FULL', schemaVersion: 1 });
database.create();
after(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const migrations = [
  {
    name: '001-notes',
    up: (knex: Awaited<ReturnType<Database['knex']>>) =>
      knex.schema.createTable('notes', (table) => {
        table.increments('id');
      }),
  },
];

it('runs each migration once', async () => {
  assert.deepEqual(await migrate(await database.knex(), migrations), ['001-notes']);
  assert.deepEqual(await migrate(await database.knex(), migrations), []);
});

it('waits for a process that writes, unless nothing is missing', async () => {
  const other = new BetterSqlite3(file);
  other.exec('BEGIN IMMEDIATE');
  assert.deepEqual(await migrate(await database.knex(), migrations), []);
  const more = [...migrations, { name: '002-nothing', up: async () => {} }];
  const migrated = migrate(await database.knex(), more);
  assert.equal(await Promise.race([migrated, pause(30, 'waits')]), 'waits');
  other.exec('COMMIT');
  other.close();
  assert.deepEqual(await migrated, ['002-nothing']);
});
