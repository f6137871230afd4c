/** The history of a user is whole, whether its changes are in the index or not yet, on both databases. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { migrations } from '#migrations';
import { onEachEngine } from '../../../infra/tests/support/engines.ts';
import { readConfig } from '../config.ts';
import { system } from '../current-request.ts';
import { Database } from '../database/database.ts';
import type { Connection } from '../database/engine.ts';
import { unwrap } from '../database/unwrap.ts';
import { DataAccess } from '../resources/data-access.ts';
import { eraseUser } from './erasure.ts';
import { type NewChange, UserHistory } from './history.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const minute = 60_000;
const year = 365 * 24 * 60 * minute;

/** Columns of a change of user 1 from before the index. */
const oldChange = `INSERT INTO user_changes (user_id, action, actor_kind, changed_at) VALUES (1, 'delete', 'system', ?)`;

async function check(test: TestContext, url: string): Promise<void> {
  const config = readConfig({ DATABASE_URL: url });
  const old = new Database(config.database, 13);
  await old.migrate(migrations.slice(0, 13));
  await old.use((connection) => connection.run(oldChange, new Date(now).toISOString()));
  await old.close();

  const data = new DataAccess(config);
  test.after(() => data.close());
  await data.prepare();
  const history = new UserHistory(await data.knex(), 365);
  const transact = <T>(work: (connection: Connection) => Promise<T>): Promise<T> =>
    data.database.transact(async (connection) => unwrap((await connection.each([work]))[0]) as T);
  const change = (userId: number, version: number): NewChange => {
    const after = { name: `Name ${version}`, email: `${userId}@example.com`, version };
    return { userId, action: 'update', before: null, after, author: system };
  };
  const write = (changes: NewChange[], at: number) =>
    transact(async (connection) => {
      await history.tidySometimes(connection, at);
      await history.record(connection, changes, new Date(at).toISOString());
    });
  const versions = async (userId: number, at: number, limit = 100) => {
    const found: (number | undefined)[] = [];
    let cursor: { value: number; id: number } | undefined;
    do {
      const query = { limit, sort: 'id', descending: true, search: [], after: cursor };
      const page = await data.database.use((connection) => history.list(connection, userId, query, at));
      found.push(...page.changes.map(({ after }) => after?.version));
      const last = page.changes.at(-1)?.id ?? 0;
      cursor = page.next === null ? undefined : { value: last, id: last };
    } while (cursor);
    return found;
  };
  const count = 'SELECT count(*) AS n FROM user_change_index WHERE user_id < ?';
  const indexed = async () => (await data.database.use((connection) => connection.get(count, 5)))?.n;

  assert.equal(await indexed(), 1, 'the migration puts old changes into the index');
  await write([change(1, 2), change(2, 2)], now);
  await write([change(1, 3)], now + 1);
  assert.equal(await indexed(), 1, 'a write within the minute leaves the index alone');
  assert.deepEqual(await versions(1, now + 1), [3, 2, undefined]);

  await write([change(1, 4)], now + minute + 1);
  assert.equal(await indexed(), 4);
  for (const limit of [1, 2, 3]) assert.deepEqual(await versions(1, now + minute, limit), [4, 3, 2, undefined]);
  assert.deepEqual(await versions(2, now + minute), [2]);

  const many = Array.from({ length: 4_096 }, (_, index) => change(3, index));
  await write(many, now + minute + 2);
  await write([change(4, 1)], now + minute + 3);
  assert.equal(await indexed(), 5 + many.length, 'many changes do not wait for the minute');

  await write([change(2, 3)], now + minute + 4);
  const erased = await transact((connection) => eraseUser(connection, 2, ''));
  assert.deepEqual(erased, { emails: ['2@example.com'], changes: 2 });
  assert.deepEqual(await versions(2, now + minute), []);
  assert.equal(await indexed(), 4 + many.length);

  // Each write removes a thousand expired changes.
  for (let n = 0; n < 6; n++) await write([change(5, n)], now + year + 2 * minute);
  assert.deepEqual(await versions(1, now), []);
  assert.equal(await indexed(), 0, 'expired changes leave the index, too');
  assert.deepEqual(await versions(5, now + year + 2 * minute), [5, 4, 3, 2, 1, 0]);
}

onEachEngine('keeps the history of a user whole beside an index that follows later', check);
