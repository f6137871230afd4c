/** Kills routers while they migrate a new database, on both databases. The next start must finish the work. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { administratorHeaders } from '../support/auth.ts';
import { PostgresServer, skipWithoutPostgres } from '../support/postgres.ts';
import { startRouter } from '../support/router.ts';

const functions = ['migrate', 'create-user', 'get-user'];
/** Times from the first sign of the migration to the kill. */
const delaysMs = [0, 5, 20, 60];

/**
 * Kills a router some time after its migration has begun, and starts another one.
 * @param hasBegun tells whether the migration leaves a sign in the database
 * @returns whether the kill came before the router listened
 */
async function killAndStart(url: string, delayMs: number, hasBegun: () => unknown): Promise<boolean> {
  const env = { DATABASE_URL: url, LOG_LEVEL: 'WARN' };
  let router: ChildProcess | undefined;
  let listens = false;
  const start = startRouter({ env, functions, spawned: (child) => (router = child) }).then(
    () => (listens = true),
    () => {},
  );
  while (!(await hasBegun()) && !listens) await setTimeout(1);
  await setTimeout(delayMs);
  const isEarly = !listens;
  router?.kill('SIGKILL');
  if (router?.signalCode === null) await once(router, 'exit');
  await start;

  const next = await startRouter({ env, functions });
  try {
    const headers = { 'content-type': 'application/json', ...(await administratorHeaders(env)) };
    const body = JSON.stringify({ name: 'Ada Lovelace', email: 'ada@example.com' });
    const created = await fetch(`${next.url}/users`, { method: 'POST', headers, body });
    assert.equal(created.status, 201);
    assert.deepEqual(await (await fetch(`${next.url}/users/1`, { headers })).json(), await created.json());
  } finally {
    await next.stop();
  }
  return isEarly;
}

describe('A router that is killed in its first start', () => {
  it('leaves a file of SQLite that the next start finishes', async (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'cadastro-killed-start-'));
    test.after(() => rmSync(folder, { recursive: true }));
    const early: boolean[] = [];
    for (const delayMs of delaysMs) {
      const file = join(folder, `${delayMs}.db`);
      early.push(await killAndStart(`sqlite:${file}`, delayMs, () => existsSync(file)));
    }
    assert.ok(early.includes(true), 'every kill came too late');
  });

  it('leaves a database of PostgreSQL that the next start finishes', { skip: skipWithoutPostgres() }, async (test) => {
    const server = await PostgresServer.start();
    test.after(() => server.stop());
    const early: boolean[] = [];
    for (const delayMs of delaysMs) {
      const url = await server.createDatabase();
      const observer = await server.connect(url);
      const isLocked = async () =>
        (await observer.query("SELECT pid FROM pg_locks WHERE locktype = 'advisory'")).rowCount;
      early.push(await killAndStart(url, delayMs, isLocked));
      await observer.end();
    }
    assert.ok(early.includes(true), 'every kill came too late');
  });
});
