import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { migrations } from '#migrations';
import { newFolder, onEachEngine } from '../../../../infra/tests/support/engines.ts';
import { findPersonNamed } from '../../accounts/people.ts';
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

/** Name, e-mail, and their keys, as schema version 12 stored them. */
const users = [
  ['Anna GROẞ', 'STRAẞE@x.org', 'anna groß', 'straße@x.org'],
  ['Anna Groß', 'straße@x.org', 'anna gross', 'strasse@x.org'],
  ['Bob', 'bob@x.org', 'bob', 'bob@x.org'],
] as const;
const people = [
  ['GROẞ', 'groß'],
  ['Gross', 'gross'],
  ['WEIẞ', 'weiß'],
] as const;

async function check(test: TestContext, url: string): Promise<void> {
  const config = readConfig({ DATABASE_URL: url });
  const old = new Database(config.database, 12);
  await old.migrate(migrations.slice(0, 12));
  await old.use(async (connection) => {
    for (const [name, email, nameKey, emailKey] of users) {
      await connection.run(
        `INSERT INTO users (name, email, name_key, email_key, search_text, created_at, updated_at, version)
         VALUES (?, ?, ?, ?, ?, 'then', 'then', 1)`,
        ...[name, email, nameKey, emailKey, `${nameKey}\t ${emailKey}`],
      );
    }
    for (const [name, key] of people) {
      await connection.run(
        `INSERT INTO people (name, name_key, role, created_at) VALUES (?, ?, 'reader', 'then')`,
        ...[name, key],
      );
    }
    await connection.run(`UPDATE resources SET total = ? WHERE name = 'users'`, users.length);
  });
  await old.close();

  const data = new DataAccess(config, new EmbeddedStore(join(newFolder(test), 'cache')));
  test.after(() => data.close());
  await data.prepare();
  const directory = new UserDirectory(data, 30, 365);
  const list = async (parameters: Record<string, string>) => {
    const { json } = await directory.list(parseListQuery(parameters, userSortColumns), new ReadTrace());
    return JSON.parse(json).users.map(({ name }: { name: string }) => name);
  };
  assert.deepEqual(await list({ sort: 'name' }), ['Anna GROẞ', 'Anna Groß', 'Bob'], 'twins are kept');
  for (const q of ['gross', 'GROẞ', 'strasse@x'])
    assert.deepEqual(await list({ q, sort: 'id' }), ['Anna GROẞ', 'Anna Groß']);
  for (const email of ['STRAẞE@x.org', 'straße@x.org', 'strasse@x.org']) {
    await assert.rejects(directory.create({ name: 'New', email }), { name: 'EmailTaken' });
  }
  const idOf = (name: string) =>
    data.database.use((connection) => findPersonNamed(connection, name)).then((row) => row?.id);
  const names = ['gross', 'GROẞ', 'groß (2)', 'weiss', 'WEIẞ'];
  assert.deepEqual(await Promise.all(names.map(idOf)), [2, 2, 1, 3, 3], 'every person has a name');
}

onEachEngine('compares the capital ẞ as ss, and keeps twins', check);
