import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { migrations } from '#migrations';
import { newFolder, onEachEngine } from '../../../../infra/tests/support/engines.ts';
import { EmbeddedStore } from '../../cache/embedded/embedded-store.ts';
import { ReadTrace } from '../../cache/read-trace.ts';
import { readConfig } from '../../config.ts';
import { setLogLevel } from '../../logger.ts';
import { DataAccess } from '../../resources/data-access.ts';
import { parseListQuery } from '../../resources/list-query.ts';
import { UserDirectory } from '../../users/directory.ts';
import { userSortColumns } from '../../users/resource.ts';
import { Database } from '../database.ts';

setLogLevel('SILENT');

/** Name, e-mail, and the keys of the name and of the search, as schema version 7 stored them. */
const stored = [
  ['Kevin O’Neill', "o'neill@example.com", "kevin o'neill", "kevin o'neill\t o'neill@example.com"],
  ['Saʿd Müller', 'saad@example.com', 'saʿd muller', 'saʿd muller\n saʿd mueller\t saad@example.com'],
  ['Kevin Oak', 'oak@example.com', 'kevin oak', 'kevin oak\t oak@example.com'],
] as const;

/** Checks that users of schema version 7 are found and sorted without apostrophes after the migration. */
async function check(test: TestContext, url: string): Promise<void> {
  const config = readConfig({ DATABASE_URL: url });
  const old = new Database(config.database, 7);
  await old.migrate(migrations.slice(0, 7));
  await old.use(async (connection) => {
    for (const [name, email, nameKey, searchText] of stored) {
      await connection.run(
        `INSERT INTO users (name, email, name_key, email_key, search_text, created_at, updated_at, version)
         VALUES (?, ?, ?, ?, ?, 'then', 'then', 1)`,
        ...[name, email, nameKey, email, searchText],
      );
    }
    await connection.run(`UPDATE resources SET total = ?, revision = 'before' WHERE name = 'users'`, stored.length);
    await connection.run(`UPDATE cache_state SET instance = 'cache', epoch = 'before'`);
  });
  await old.close();

  const data = new DataAccess(config, new EmbeddedStore(join(newFolder(test), 'cache')));
  test.after(() => data.close());
  assert.deepEqual(
    await data.prepare(),
    migrations.slice(7).map(({ name }) => name),
  );
  const users = new UserDirectory(data, 30, 365);
  const find = async (parameters: Record<string, string>) => {
    const { etag, json } = await users.list(parseListQuery(parameters, userSortColumns), new ReadTrace());
    assert.notEqual(etag, '"before"');
    return JSON.parse(json).users.map(({ name }: { name: string }) => name);
  };
  for (const q of ['oneill', "o'neill", 'oneill@example']) assert.deepEqual(await find({ q }), ['Kevin O’Neill']);
  for (const q of ['sad muller', 'saʿd mueller']) assert.deepEqual(await find({ q }), ['Saʿd Müller']);
  assert.deepEqual(await find({ sort: 'name' }), ['Kevin Oak', 'Kevin O’Neill', 'Saʿd Müller']);
  const { epoch } = (await data.database.use((connection) =>
    connection.get<{ epoch: string }>('SELECT epoch FROM cache_state'),
  )) as { epoch: string };
  assert.notEqual(epoch, 'before', 'the cache of before is not used');
}

onEachEngine('lets users with apostrophes be found without them', check);
