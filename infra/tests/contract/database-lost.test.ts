import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { administratorHeaders } from '../support/auth.ts';
import { startRouter } from '../support/router.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-lost-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'app.db');
const files = ['', '-wal', '-shm'].map((suffix) => file + suffix);

it('acknowledges no write to a database that was deleted, says so, and goes on when the files are back', async () => {
  const env = { DATABASE_URL: `sqlite:${file}`, LOG_LEVEL: 'SILENT' };
  const router = await startRouter({ env });
  const headers = { 'content-type': 'application/json', ...(await administratorHeaders(env)) };
  const create = (name: string) =>
    fetch(`${router.url}/users`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ name, email: `${name}@example.com` }),
    });
  const health = async () => {
    const answer = await fetch(`${router.url}/health`);
    return [answer.status, ((await answer.json()) as { database: string }).database];
  };
  try {
    assert.equal((await create('ada')).status, 201);
    assert.deepEqual(await health(), [200, 'ok']);
    for (const one of files) renameSync(one, `${one}.away`);
    const refused = await create('grace');
    const problem = (await refused.json()) as { type: string; detail: string };
    assert.deepEqual([refused.status, problem.type], [503, 'urn:cadastro:problem:database-file-lost']);
    assert.match(problem.detail, /restore a backup/);
    assert.ok(refused.headers.get('retry-after'));
    // The health check that answered 200 is kept for 100 ms.
    await new Promise((resolve) => setTimeout(resolve, 110));
    assert.deepEqual(await health(), [503, 'lost']);
    for (const one of files) renameSync(`${one}.away`, one);
    assert.equal((await create('grace')).status, 201);
  } finally {
    await router.stop();
  }
});
