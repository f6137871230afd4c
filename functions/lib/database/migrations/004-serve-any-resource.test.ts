import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { migrations } from '#migrations';
import { ReadTrace } from '../../cache/read-trace.ts';
import { readConfig } from '../../config.ts';
import { setLogLevel } from '../../logger.ts';
import { DataAccess } from '../../resources/data-access.ts';
import { parseListQuery } from '../../resources/list-query.ts';
import { UserDirectory } from '../../users/directory.ts';
import { userSortColumns } from '../../users/resource.ts';
import { SqliteEngine } from '../sqlite/sqlite-engine.ts';

setLogLevel('SILENT');

/** SHA-256 of `["Ada","ada@example.com"]`, as schema version 3 stored it. */
const fingerprint = 'b64b6240f3cfb7e1776465b0edbb3d1a50507b6e5562cbd48e067f596e1fdb11';

it('keeps total, revision and idempotency keys of schema version 3', async (test) => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-migration-'));
  test.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'app.db');
  const ada = { id: 1, name: 'Ada', email: 'ada@example.com', createdAt: 'then', updatedAt: 'then', version: 1 };

  const old = new SqliteEngine({ file, synchronous: 'NORMAL', schemaVersion: 3 });
  assert.equal((await old.migrate(migrations.slice(0, 3))).length, 3);
  await old.use((connection) => {
    connection.run("UPDATE directory SET total = 41, revision = 'r41'");
    connection.run(
      'INSERT INTO idempotency_keys (key, fingerprint, answer, created_at) VALUES (?, ?, ?, ?)',
      ...['key', fingerprint, JSON.stringify(ada), Date.now()],
    );
  });
  await old.close();

  const fourth = new SqliteEngine({ file, synchronous: 'NORMAL', schemaVersion: 4 });
  await fourth.migrate(migrations.slice(0, 4));
  const [summary] = await fourth.use((connection) => connection.all('SELECT name, total, revision FROM resources'));
  assert.deepEqual({ ...summary }, { name: 'users', total: 41, revision: 'r41' });
  await fourth.close();

  const data = new DataAccess(readConfig({ DATABASE_URL: `sqlite:${file}` }));
  test.after(() => data.close());
  assert.deepEqual(
    await data.prepare(),
    migrations.slice(4).map(({ name }) => name),
  );
  const users = new UserDirectory(data, 30, 365);
  const { json } = await users.list(parseListQuery({}, userSortColumns), new ReadTrace());
  assert.equal(JSON.parse(json).total, 41);
  assert.deepEqual(await users.create({ name: 'Ada', email: 'ada@example.com' }, 'key'), { user: ada, replayed: true });
  await assert.rejects(users.create({ name: 'Ada', email: 'other@example.com' }, 'key'), {
    name: 'IdempotencyKeyReused',
  });
});
