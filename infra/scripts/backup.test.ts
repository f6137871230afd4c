import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { startRouter } from '../tests/support/router.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'cadastro-backup-'));
after(() => rmSync(folder, { recursive: true }));

async function backup(database: string, args: string[]): Promise<{ code: number; stderr: string }> {
  const child = spawn(process.execPath, ['infra/scripts/backup.ts', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, DATABASE_URL: `sqlite:${database}` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code, stderr };
}

const create = (url: string, name: string) =>
  fetch(`${url}/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, email: `${name}@example.org` }),
  });

test('a backup taken while the API runs can be restored, and later writes are gone', async (t) => {
  const database = join(folder, 'app.db');
  const copy = join(folder, 'copy.db');
  const env = { DATABASE_URL: `sqlite:${database}` };

  const first = await startRouter({ env });
  t.after(() => first.stop());
  assert.equal((await create(first.url, 'before')).status, 201);
  const { code, stderr } = await backup(database, [copy]);
  assert.equal(code, 0, stderr);
  assert.equal((await create(first.url, 'later')).status, 201);
  // Put both users into the cache, which must not survive the restoration.
  await fetch(`${first.url}/users/1`);
  await fetch(`${first.url}/users/2`);
  await first.stop();

  for (const suffix of ['', '-wal', '-shm', '-cache', '-cache-wal', '-cache-shm']) {
    rmSync(database + suffix, { force: true });
  }
  copyFileSync(copy, database);
  const second = await startRouter({ env });
  t.after(() => second.stop());
  const restored = (await (await fetch(`${second.url}/users`)).json()) as { users: { name: string }[] };
  assert.deepEqual(
    restored.users.map(({ name }) => name),
    ['before'],
  );
  assert.equal((await fetch(`${second.url}/users/2`)).status, 404);
});

test('a backup replaces a file only with --force, and names a missing database', async () => {
  const file = join(folder, 'precious');
  writeFileSync(file, 'precious');
  const missing = await backup(join(folder, 'none.db'), [join(folder, 'x.db')]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^There is no database at .*none\.db: set DATABASE_URL\n$/);
  const existing = await backup(file, [file]);
  assert.equal(existing.code, 1);
  assert.match(existing.stderr, /precious exists already: --force replaces it\n$/);
});
