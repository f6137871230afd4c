/** Functions of an older program on a database that a newer program has migrated, as during a rolling update. */
import assert from 'node:assert/strict';
import { describe, type TestContext } from 'node:test';
import type { Knex } from 'knex';
import { type Migration, migrations, schemaVersion } from '#migrations';
import { onEachEngine } from '../../../infra/tests/support/engines.ts';
import { readConfig } from '../config.ts';
import { Database } from './database.ts';

const addNotes = (knex: Knex) =>
  knex.schema.createTable('notes', (table) => {
    table.increments('id');
  });

const serving: Migration = { name: 'serving', up: addNotes, servesOlder: true };
const refusing: Migration = { name: 'refusing', up: async () => {} };

/** Migrates a database as a newer program does. @returns a way to open it as an older program, by a process of its own each time */
async function open(test: TestContext, url: string, ...newer: Migration[]) {
  const config = readConfig({ DATABASE_URL: url }).database;
  const all = [...migrations, ...newer];
  const update = new Database(config, all.length, true);
  test.after(() => update.close());
  assert.deepEqual(
    await update.migrate(all),
    all.map(({ name }) => name),
  );
  return (isFunction: boolean) => {
    const old = new Database(config, schemaVersion, isFunction);
    test.after(() => old.close());
    return old;
  };
}

const count = (database: Database) =>
  database.use(
    async (connection) => (await connection.get<{ count: number }>('SELECT count(*) AS count FROM users'))?.count,
  );

const mismatch = { name: 'SchemaMismatch', message: /update this program/ };
const refusal = { name: 'ConfigurationError', message: /newer than this program/ };

describe('A schema that is newer than the program', () => {
  onEachEngine('serves functions that start later, if all of its newer migrations do', async (test, url) => {
    const start = await open(test, url, serving, { ...serving, name: 'serving, too', up: async () => {} });
    assert.equal(await count(start(true)), 0);
    assert.equal(await start(true).transact(() => 'written'), 'written');
    assert.deepEqual(await start(true).migrate(migrations), []);
  });

  onEachEngine('serves no function if one of its newer migrations does not', async (test, url) => {
    const start = await open(test, url, refusing, serving);
    await assert.rejects(count(start(true)), mismatch);
    await assert.rejects(start(true).migrate(migrations), refusal);
  });

  onEachEngine('serves no command, which would leave out what it does not know', async (test, url) => {
    const start = await open(test, url, serving);
    await assert.rejects(count(start(false)), mismatch);
    await assert.rejects(start(false).migrate(migrations), refusal);
  });

  onEachEngine('is reached from a database whose migrations an earlier program has run', async (test, url) => {
    const config = readConfig({ DATABASE_URL: url }).database;
    const start = await open(test, url);
    const earlier = start(true);
    await earlier.use((connection) => connection.run('ALTER TABLE knex_migrations DROP COLUMN serves_older'));
    const all = [...migrations, serving];
    const update = new Database(config, all.length, true);
    test.after(() => update.close());
    assert.deepEqual(await update.migrate(all), ['serving']);
    assert.equal(await count(start(true)), 0);
  });
});
