import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { administratorHeaders } from '../support/auth.ts';
import { startRouter } from '../support/router.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-start-'));
after(() => rmSync(folder, { recursive: true }));

/** Checks that the router ends with exit code 2 and one line that names the reason. */
async function refuses(env: Record<string, string>, why: RegExp): Promise<void> {
  await assert.rejects(startRouter({ env }), ({ message }: Error) => {
    const [, code, errors = ''] = /ended with (\d+): (.*)$/s.exec(message) ?? [];
    assert.equal(code, '2', message);
    assert.match(errors, why);
    assert.equal(errors.trim().split('\n').length, 1, errors);
    return true;
  });
}

it('refuses settings that are wrong, naming them', async () => {
  await refuses({ DATABASE_URL: 'postgres://localhost/users' }, /DATABASE_URL must be .*postgres:\/\/USER@HOST/);
  await refuses({ REDIS_URL: 'localhost:6379' }, /REDIS_URL must be redis:/);
});

it('refuses a database that is newer than the program', async () => {
  const file = join(folder, 'newer.db');
  const raw = new BetterSqlite3(file);
  raw.pragma('user_version = 99');
  raw.close();
  await refuses({ DATABASE_URL: `sqlite:${file}` }, /DATABASE_URL: the database is newer than this program/);
});

it('refuses a file that is no database', async () => {
  const file = join(folder, 'letter.txt');
  writeFileSync(file, 'Dear Ada,\n'.repeat(200));
  await refuses({ DATABASE_URL: `sqlite:${file}` }, /DATABASE_URL: the file is not a SQLite database/);
});

it('refuses a path where no database can be, and does not wait for it', {
  skip: process.platform !== 'linux',
}, async () => {
  for (const path of ['/proc/nowhere/deep/app.db', '/sys/nowhere/app.db', join(folder, 'letter.txt/app.db')]) {
    await refuses(
      { DATABASE_URL: `sqlite:${path}` },
      /DATABASE_URL: .* can't be created \(E[A-Z]+\); check its folder/,
    );
  }
  await refuses(
    { DATABASE_URL: 'sqlite:/proc/self/mem' },
    /DATABASE_URL: .* \(SQLITE_IOERR\w*\); check its path, .* the disk/,
  );
  const socket = join(folder, 'socket');
  const server = createServer().listen(socket);
  await once(server, 'listening');
  for (const path of ['/dev/null', '/dev/zero', '/proc/self/fd/0', socket, folder]) {
    await refuses({ DATABASE_URL: `sqlite:${path}` }, /DATABASE_URL: .* is not a regular file; name another path/);
  }
  server.close();
});

it('prints control characters of a setting escaped', async () => {
  const escaped = /is "\\u001b\]0;title\\u0007\\u000aForged": it takes/;
  await refuses({ ROUTER_PROCESSES: '\u001b]0;title\u0007\nForged' }, escaped);
  const database = `sqlite:${join(folder, 'letter.txt/\u001b]0;title\u0007\nForged')}`;
  await refuses({ DATABASE_URL: database }, /\\u001b\]0;title\\u0007\\u000aForged can't be created/);
});

it('keeps its users when it is started again', async () => {
  const env = { DATABASE_URL: `sqlite:${join(folder, 'kept.db')}`, LOG_LEVEL: 'WARN' };
  const first = await startRouter({ env });
  const body = JSON.stringify({ name: 'Ada Lovelace', email: 'ada@example.com' });
  const headers = { 'content-type': 'application/json', ...(await administratorHeaders(env)) };
  const created = await (await fetch(`${first.url}/users`, { method: 'POST', headers, body })).json();
  await first.stop();
  const second = await startRouter({ env });
  try {
    assert.deepEqual(await (await fetch(`${second.url}/users/1`, { headers })).json(), created);
  } finally {
    await second.stop();
  }
});

it('reads a password from a file, and refuses a file beside the variable or one that it cannot read', async () => {
  const file = join(folder, 'database_url');
  const database = join(folder, 'secret.db');
  writeFileSync(file, `sqlite:${database}\n`);
  const router = await startRouter({ env: { DATABASE_URL: '', DATABASE_URL_FILE: file } });
  await router.stop();
  assert.ok(existsSync(database));
  await refuses(
    { DATABASE_URL: 'sqlite:x', DATABASE_URL_FILE: file },
    /DATABASE_URL and DATABASE_URL_FILE are both set/,
  );
  await refuses({ REDIS_URL_FILE: join(folder, 'none') }, /REDIS_URL_FILE: .*none can't be read/);
});
