/** A process or a server that is killed in the middle of the migrations, on both databases. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import type { Knex } from 'knex';
import { migrations, schemaVersion } from '#migrations';
import { onEachEngine } from '../../../infra/tests/support/engines.ts';
import { PostgresServer, skipWithoutPostgres } from '../../../infra/tests/support/postgres.ts';
import { readConfig } from '../config.ts';
import { Database } from './database.ts';

/** A program that runs every migration but the last, reports it, and never goes on. */
const program = `
  const { migrations } = await import('${import.meta.resolve('#migrations')}');
  const { readConfig } = await import('${import.meta.resolve('../config.ts')}');
  const { Database } = await import('${import.meta.resolve('./database.ts')}');
  const endless = () => new Promise(() => { process.stdout.write('in the middle'); setInterval(() => {}, 1000); });
  const { database } = readConfig({ DATABASE_URL: process.argv[1] });
  await new Database(database, 1).migrate([...migrations.slice(0, -1), { name: 'endless', up: endless }]);`;

/** @param strike ends more than the process, in the middle of its migrations */
async function check(test: TestContext, url: string, strike?: () => Promise<void>): Promise<void> {
  const killed = spawn(process.execPath, ['--input-type=module', '-e', program, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  test.after(() => killed.kill('SIGKILL'));
  await once(killed.stdout, 'data');
  await strike?.();
  killed.kill('SIGKILL');
  await once(killed, 'exit');

  const database = new Database(readConfig({ DATABASE_URL: url }).database, schemaVersion);
  test.after(() => database.close());
  const names = migrations.map(({ name }) => name);
  assert.deepEqual(await database.migrate(migrations), names);
  assert.deepEqual(await database.migrate(migrations), []);
  const stored = await database.use((connection) => connection.all('SELECT name FROM knex_migrations ORDER BY id'));
  assert.deepEqual(
    stored.map(({ name }) => name),
    names,
  );
}

describe('A start after one that was killed in the middle of its migrations', () => {
  onEachEngine('runs them all', check);

  it('runs them all after PostgreSQL itself was killed', { skip: skipWithoutPostgres() }, async (test) => {
    const server = await PostgresServer.start();
    test.after(() => server.stop());
    await check(test, await server.createDatabase(), async () => {
      await server.kill();
      await server.start();
    });
  });
});

describe('A start that loses its connection in the middle of its migrations', () => {
  it('runs them again, on PostgreSQL', { skip: skipWithoutPostgres() }, async (test) => {
    const server = await PostgresServer.start();
    test.after(() => server.stop());
    const url = await server.createDatabase();
    let attempts = 0;
    const interrupted = async (knex: Knex) => {
      attempts++;
      if (attempts === 1) {
        await server.kill();
        await server.start();
      }
      await knex.raw('SELECT 1');
    };
    const all = [...migrations, { name: 'interrupted', up: interrupted }];
    const database = new Database(readConfig({ DATABASE_URL: url }).database, all.length);
    test.after(() => database.close());
    assert.deepEqual(
      await database.migrate(all),
      all.map(({ name }) => name),
    );
    assert.equal(attempts, 2);
  });
});
