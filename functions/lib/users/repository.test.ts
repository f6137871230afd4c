import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { migrations, schemaVersion } from '#migrations';
import type { Connection, Row, Value } from '../database/engine.ts';
import { SqliteConnection } from '../database/sqlite/sqlite-connection.ts';
import { SqliteEngine } from '../database/sqlite/sqlite-engine.ts';
import { parseListQuery } from '../resources/list-query.ts';
import { UserBin } from './bin.ts';
import { UserHistory } from './history.ts';
import { UserRepository } from './repository.ts';
import { userSortColumns } from './resource.ts';
import type { User } from './types.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-repository-'));
const database = new SqliteEngine({ file: join(folder, 'app.db'), synchronous: 'NORMAL', schemaVersion });
await database.migrate(migrations);
const knex = await database.knex();
const history = new UserHistory(knex, 365);
const users = new UserRepository(knex, new UserBin(knex, 30, history), history);
after(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const count = 10_000;
await database.use((connection) =>
  connection.transaction(() => {
    for (let n = 1; n <= count; n++) {
      const name = `Person ${((n * 7919) % count).toString(36)} Surname${n % 977}`;
      const row = [name, `person.${n}@example.com`, name.toLowerCase(), `person.${n}@example.com`];
      const now = new Date(1_700_000_000_000 + n).toISOString();
      connection.run(
        `INSERT INTO users (name, email, name_key, email_key, search_text, created_at, updated_at, version)
         VALUES (?, ?, ?, ?, ?, ?, ?, 1)`,
        ...[...row, `${row[2]}\n${row[3]}`, now, now],
      );
    }
    connection.run('UPDATE resources SET total = ?', count);
  }),
);

const list = async (parameters: Record<string, string>) =>
  (await database.use((connection) => users.list(connection, parseListQuery(parameters, userSortColumns)))).page;

for (const sort of ['id', '-id', 'name', '-name', 'email', '-email', 'createdAt', '-createdAt']) {
  it(`seeks in an index for each page sorted by ${sort}`, async () => {
    const { next } = await list({ sort, limit: '10' });
    assert.ok(next);
    for (const cursor of ['', next]) {
      const query = parseListQuery({ sort, limit: '10', cursor }, userSortColumns);
      const plans = await database.use((connection) => plansOf(connection, (spy) => users.list(spy, query)));
      assert.equal(plans.length, 1);
      assert.doesNotMatch(plans[0] ?? '', /TEMP B-TREE/);
      if (cursor !== '') assert.match(plans[0] ?? '', /SEARCH users USING/);
    }
  });
}

it('finds the same users in the same order, whether matches are rare or not', async () => {
  for (const sort of ['id', '-name', 'email']) {
    const common = await list({ q: 'person', sort, limit: '1000' });
    assert.equal(common.total, count);
    const rare = await list({ q: 'surname45', sort, limit: '1000' });
    assert.ok(rare.total < 200);
    const all = await everything({ q: 'person', sort });
    assert.deepEqual(
      rare.users,
      all.filter(({ name }) => name.includes('Surname45')),
    );
    assert.deepEqual(await everything({ q: 'surname45', sort, limit: '7' }), rare.users);
  }
});

/** @returns the users of all pages */
async function everything(parameters: Record<string, string>): Promise<User[]> {
  const found: User[] = [];
  let cursor = '';
  do {
    const page = await list({ limit: '1000', ...parameters, cursor });
    found.push(...page.users);
    cursor = page.next ?? '';
  } while (cursor !== '');
  return found;
}

/** @returns SQLite's plan for each query on users */
async function plansOf(
  connection: SqliteConnection,
  work: (connection: Connection) => Promise<unknown>,
): Promise<string[]> {
  const plans: string[] = [];
  class Spy extends SqliteConnection {
    override all<T extends Row = Row>(sql: string, ...bindings: readonly Value[]): T[] {
      if (/from `users`/.test(sql)) {
        const steps = connection.all<Row & { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...bindings);
        plans.push(steps.map(({ detail }) => detail).join('\n'));
      }
      return connection.all<T>(sql, ...bindings);
    }
    override get<T extends Row = Row>(sql: string, ...bindings: readonly Value[]): T | undefined {
      return connection.get<T>(sql, ...bindings);
    }
    override snapshot<T>(inner: (snapshot: Connection) => T): T {
      return connection.snapshot(() => inner(this));
    }
  }
  await work(new Spy(undefined as never));
  return plans;
}
