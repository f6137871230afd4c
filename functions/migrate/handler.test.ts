import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { ReadTrace } from '#lib/cache/read-trace.ts';
import { readConfig } from '#lib/config.ts';
import { DataAccess } from '#lib/resources/data-access.ts';
import { context } from '#lib/testing/function.ts';
import { migrations } from '#migrations';

const { handler } = await import('./handler.ts');
const { users } = await import('#lib/users/users.ts');

const folder = mkdtempSync(join(tmpdir(), 'cadastro-migrate-'));
after(() => rmSync(folder, { recursive: true }));

const open = (file: string) => new DataAccess(readConfig({ DATABASE_URL: `sqlite:${join(folder, file)}` }));

it('does nothing to a database that has the schema, and keeps its users', async () => {
  await users.create({ name: 'Ada Lovelace', email: 'ada@example.com' });
  assert.deepEqual(await handler({}, context()), { migrated: [] });
  assert.match((await users.read(1, new ReadTrace()))?.json ?? '', /Ada/);
});

it('creates the schema in an empty file, also when two processes start at once', async () => {
  const both = [open('new.db'), open('new.db')];
  const ran = await Promise.all(both.map((each) => each.prepare()));
  assert.deepEqual(
    ran.flat().sort(),
    migrations.map(({ name }) => name),
  );
  for (const each of both) await each.close();
});

it('waits for another process that writes to a database that has the schema', async () => {
  const first = open('locked.db');
  await first.prepare();
  const raw = new BetterSqlite3(join(folder, 'locked.db'));
  raw.exec('BEGIN IMMEDIATE');
  const second = open('locked.db');
  const prepared = second.prepare();
  await new Promise((resolve) => setTimeout(resolve, 30));
  raw.exec('COMMIT');
  raw.close();
  assert.deepEqual(await prepared, []);
  await Promise.all([first.close(), second.close()]);
});

it('refuses a database that is newer than the program', async () => {
  const raw = new BetterSqlite3(join(folder, 'newer.db'));
  raw.pragma('user_version = 99');
  raw.close();
  const newer = open('newer.db');
  await assert.rejects(newer.prepare(), { name: 'ConfigurationError', message: /newer than this program/ });
  await newer.close();
});

it('refuses a file that is not a database', async () => {
  writeFileSync(join(folder, 'junk.db'), 'no database at all\n'.repeat(100));
  const junk = open('junk.db');
  await assert.rejects(junk.prepare(), { name: 'ConfigurationError', message: /DATABASE_URL.*not a SQLite database/ });
  await junk.close();
});
