/** Runs a test on each database that the directory can be in. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { PostgresServer, skipWithoutPostgres } from './postgres.ts';

/**
 * Makes one test for SQLite and one for PostgreSQL.
 * @param name of the behaviour; the name of the database follows it
 * @param check gets the address of an empty database, as in DATABASE_URL
 */
export function onEachEngine(name: string, check: (test: TestContext, url: string) => Promise<void>): void {
  it(`${name}, on SQLite`, (test) => check(test, `sqlite:${join(newFolder(test), 'app.db')}`));

  it(`${name}, on PostgreSQL`, { skip: skipWithoutPostgres() }, async (test) => {
    const server = await PostgresServer.start();
    test.after(() => server.stop());
    await check(test, await server.createDatabase());
  });
}

/** @returns an empty folder, which goes with the test */
export function newFolder(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-test-'));
  test.after(() => rmSync(folder, { recursive: true }));
  return folder;
}
