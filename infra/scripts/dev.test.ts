import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { freePort } from '../tests/support/ports.ts';
import { copyProject } from '../tests/support/project-copy.ts';
import { RedisServer, skipWithoutRedis } from '../tests/support/redis.ts';
import { until } from '../tests/support/until.ts';

/** Runs `npm run dev` in a copy of the project. */
async function develop(t: TestContext, env: Record<string, string> = {}) {
  const { folder, remove } = copyProject();
  const [port, lambdaPort, statusPort, sitePort] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const child = spawn(process.execPath, ['infra/scripts/dev.ts'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      LAMBDA_PORT: String(lambdaPort),
      STATUS_PORT: String(statusPort),
      SITE_PORT: String(sitePort),
      INIT_TIMEOUT_MS: '300000',
      DATABASE_URL: `sqlite:${join(folder, 'app.db')}`,
      SITE_DATA: join(folder, 'site-data'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGTERM');
    await exited;
    remove();
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', (line) => lines.push(line));
  const printed = (text: string) =>
    Promise.race([
      until(text, () => lines.some((line) => line.includes(text))),
      exited.then(() => assert.fail(`npm run dev ended:\n${lines.join('\n')}`)),
    ]);
  await printed('Watching functions/');
  return { folder, url: `http://127.0.0.1:${port}`, siteUrl: `http://localhost:${sitePort}`, printed };
}

test('functions use Redis as the built ones do', { skip: skipWithoutRedis() }, async (t) => {
  const redis = await RedisServer.start();
  t.after(() => redis.stop());
  const { url } = await develop(t, { REDIS_URL: redis.url });
  await until('the API answers', async () => {
    const response = await fetch(`${url}/health`).catch(() => undefined);
    return response?.status === 200 && ((await response.json()) as { cache: string }).cache === 'ok';
  });
});

test('a new migration runs when it is saved, and the data outlives a branch without it', async (t) => {
  const { folder, url, printed } = await develop(t);
  const create = (name: string) =>
    fetch(`${url}/users`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, email: `${name}@example.com` }),
    });
  /** Waits until the API answers as the database is now. */
  const usersAre = (names: string[]) =>
    until(`users ${names}`, async () => {
      // The API does not listen while it starts again.
      const response = await fetch(`${url}/users`).catch(() => undefined);
      if (response?.status !== 200) return false;
      const { users } = (await response.json()) as { users: { name: string }[] };
      return users.map(({ name }) => name).join() === names.join();
    });

  assert.equal((await create('before')).status, 201);
  const migrations = join(folder, 'functions/lib/database/migrations');
  const list = readFileSync(join(migrations, 'index.ts'), 'utf8');
  const addMigration = () => {
    writeFileSync(
      join(migrations, '900-add-tags.ts'),
      "import type { Knex } from 'knex';\nexport const up = (knex: Knex) => knex.schema.createTable('tags', (table) => table.increments());\n",
    );
    writeFileSync(
      join(migrations, 'index.ts'),
      `import { up } from './900-add-tags.ts';\n${list.replace('\n];', "\n  { name: '900-add-tags', up },\n];")}`,
    );
  };
  addMigration();
  await printed('900-add-tags');
  await usersAre(['before']);
  assert.equal((await create('after')).status, 201);

  // A branch without the migration, and back again.
  rmSync(join(migrations, '900-add-tags.ts'));
  writeFileSync(join(migrations, 'index.ts'), list);
  await printed('the database is newer than this program');
  await printed('The API is not started');
  addMigration();
  await usersAre(['before', 'after']);
});

test('the pages of the site and its other routes share the imports', async (t) => {
  const { siteUrl, printed } = await develop(t);
  await printed(siteUrl);
  const form = new FormData();
  form.set('text', 'name,email\nAna,ana@example.com\nBia,nowhere');
  const uploaded = await fetch(`${siteUrl}/import`, { method: 'POST', body: form, redirect: 'manual' });
  const job = siteUrl + uploaded.headers.get('location');
  await until('the check has ended', async () => {
    const progress = (await (await fetch(`${job}/progress`)).json()) as { hasEnded: boolean };
    return progress.hasEnded;
  });
  const rejected = await fetch(`${job}/rejected`);
  assert.match(await rejected.text(), /^\ufeff?name,email,Reason\r\nBia,nowhere,/);
});
