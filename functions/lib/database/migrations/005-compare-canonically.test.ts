import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { migrations } from '#migrations';
import { ReadTrace } from '../../cache/read-trace.ts';
import { readConfig } from '../../config.ts';
import { setLogLevel } from '../../logger.ts';
import { DataAccess } from '../../resources/data-access.ts';
import { parseListQuery } from '../../resources/list-query.ts';
import { UserDirectory } from '../../users/directory.ts';
import { userSortColumns } from '../../users/resource.ts';
import type { User } from '../../users/types.ts';
import { SqliteEngine } from '../sqlite/sqlite-engine.ts';

setLogLevel('SILENT');

/** Users as schema version 4 stored them: their e-mails had different keys. */
const stored = [
  ['Ann', 'same@example.com', 'same@example.com'],
  ['Anne', 'sa\u200bme@example.com', 'sa\u200bme@example.com'],
  ['Bob', 'info@bücher.example', 'info@bücher.example'],
  ['Berta', 'info@xn--bcher-kva.example', 'info@xn--bcher-kva.example'],
  ['Bücher', 'Info@BÜCHER.example\u200e', 'info@bücher.example\u200e'],
  ['\u200b', '"mary ann"@localhost', '"mary ann"@localhost'],
  ['Straße', 'x@straße.example', 'x@strasse.example'],
] as const;

async function upgraded(test: TestContext): Promise<UserDirectory> {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-migration-'));
  const file = join(folder, 'app.db');
  const old = new SqliteEngine({ file, synchronous: 'NORMAL', schemaVersion: 4 });
  await old.migrate(migrations.slice(0, 4));
  await old.use((connection) => {
    for (const [name, email, key] of stored) {
      connection.run(
        `INSERT INTO users (name, email, name_key, email_key, search_text, created_at, updated_at, version)
         VALUES (?, ?, ?, ?, ?, 'then', 'then', 1)`,
        ...[name, email, name.toLowerCase(), key, key],
      );
    }
    connection.run('UPDATE resources SET total = ?', stored.length);
  });
  await old.close();
  const data = new DataAccess(readConfig({ DATABASE_URL: `sqlite:${file}` }));
  test.after(async () => {
    await data.close();
    rmSync(folder, { recursive: true });
  });
  await data.prepare();
  return new UserDirectory(data, 30, 365);
}

async function list(users: UserDirectory, parameters: Record<string, string> = {}): Promise<User[]> {
  const page = await users.list(parseListQuery(parameters, userSortColumns), new ReadTrace());
  return JSON.parse(page.json).users;
}

const always = () => true;

it('keeps users that become twins, as they are', async (test) => {
  const users = await upgraded(test);
  assert.deepEqual(
    (await list(users)).map(({ name, email, version }) => [name, email, version]),
    stored.map(([name, email]) => [name, email, 1]),
  );
});

it('lets each twin change and go, and gives no other user their e-mail while one of them has it', async (test) => {
  const users = await upgraded(test);
  const taken = { name: 'EmailTaken' };
  const newcomer = { name: 'New', email: 'INFO@bücher.example' };
  await assert.rejects(users.create(newcomer), taken);
  assert.equal((await users.update(5, { name: 'Carl' }, always)).version, 2);
  assert.equal((await users.update(5, { email: 'info@Bücher.example' }, always)).version, 3);
  await users.update(3, { email: 'bob@example.com' }, always);
  await assert.rejects(users.update(3, { email: 'info@bücher.example' }, always), taken);
  await users.delete(4, always);
  await assert.rejects(users.create(newcomer), taken);
  await users.delete(5, always);
  await users.create(newcomer);
});

it('keeps texts editable that the rules for new ones refuse', async (test) => {
  const users = await upgraded(test);
  const nameless = { name: '\u200b', email: '"mary ann"@localhost' };
  assert.equal((await users.update(6, { ...nameless, name: 'Mary Ann' }, always)).email, nameless.email);
  await assert.rejects(users.update(6, { email: '"mary"@localhost' }, always), { name: 'InvalidRequest' });
});

it('computes the keys by which users are compared, sorted and found', async (test) => {
  const users = await upgraded(test);
  await users.create({ name: 'Strasse', email: 'x@strasse.example' });
  assert.deepEqual(
    (await list(users, { q: 'buecher', sort: 'id' })).map(({ id }) => id),
    [3, 5],
  );
  assert.deepEqual(
    (await list(users, { sort: 'email' })).map(({ id }) => id),
    [6, 3, 4, 5, 1, 2, 8, 7],
  );
});
