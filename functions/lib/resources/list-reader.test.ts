/** Searches with more matches than are counted, on both databases. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { onEachEngine } from '../../../infra/tests/support/engines.ts';
import { readConfig } from '../config.ts';
import { system as author } from '../current-request.ts';
import { UserBin } from '../users/bin.ts';
import { UserHistory } from '../users/history.ts';
import { UserRepository } from '../users/repository.ts';
import { userSortColumns } from '../users/resource.ts';
import type { User, UserPage } from '../users/types.ts';
import { DataAccess } from './data-access.ts';
import { parseListQuery } from './list-query.ts';

const count = 10_050;

/** Every name has "maria" in it: 201 of them at the begin, the others at the begin of a word or inside of one. */
const nameOf = (n: number) => (n % 50 === 0 ? `Maria ${n}` : n % 3 === 0 ? `Rosamaria ${n}` : `Ana Maria ${n}`);

/** @returns a database of its own for the test, with the users, and a function that reads a page of them */
async function fill(test: TestContext, url: string) {
  const data = new DataAccess(readConfig({ DATABASE_URL: url }));
  test.after(() => data.close());
  await data.prepare();
  const knex = await data.knex();
  const history = new UserHistory(knex, 0);
  const users = new UserRepository(knex, new UserBin(knex, 30, history), history);
  const inputs = Array.from({ length: count }, (_, at) => ({
    input: { name: nameOf(at + 1), email: `${at}@example.com` },
    author,
  }));
  const insert = { work: users.insert.bind(users), input: inputs };
  await data.database.transact((connection) =>
    connection.each([(each) => insert.work(each, inputs, '2026-01-01T00:00:00.000Z')]),
  );
  const read = (parameters: Record<string, string>): Promise<UserPage> =>
    data.database.use(
      async (connection) => (await users.list(connection, parseListQuery(parameters, userSortColumns))).page,
    );
  const remove = (id: number) =>
    data.database.transact((connection) =>
      connection.each([
        (each) => users.delete(each, [{ id, precondition: () => true, author }], '2026-01-02T00:00:00.000Z'),
      ]),
    );
  return { read, remove };
}

/** @returns the users of all pages */
async function everything(read: (parameters: Record<string, string>) => Promise<UserPage>, q: string): Promise<User[]> {
  const found: User[] = [];
  for (let cursor = ''; ; ) {
    const page = await read({ q, limit: '1000', cursor });
    found.push(...page.users);
    if (page.next === null) return found;
    cursor = page.next;
  }
}

const idsOf = (users: readonly User[]) => users.map(({ id }) => id);

async function check(test: TestContext, url: string) {
  const { read, remove } = await fill(test, url);
  for (const sort of ['name', '-createdAt']) {
    const { total, totalExact, next } = await read({ q: 'maria', sort, limit: '10' });
    assert.deepEqual([total, totalExact, next !== null], [10_000, false, true]);
  }
  const all = await read({ limit: '1' });
  assert.deepEqual([all.total, all.totalExact], [count, true]);

  const ids = Array.from({ length: count }, (_, at) => at + 1);
  const begins = ids.filter((id) => id % 50 === 0);
  const others = ids.filter((id) => id % 50 !== 0);
  const common = await everything(read, 'maria');
  assert.deepEqual(idsOf(common), [...begins, ...others]);

  const last = await read({ q: 'maria', limit: '250' });
  for (const id of ids.slice(-51)) await remove(id);
  const rest = await read({ q: 'maria', limit: '3', cursor: last.next ?? '' });
  assert.deepEqual([rest.total, rest.totalExact], [count - 51, true]);
  assert.deepEqual(idsOf(rest.users), others.slice(250 - begins.length, 253 - begins.length));

  const ranked = await everything(read, 'maria');
  const left = begins.filter((id) => id <= count - 51);
  const words = others.filter((id) => id % 3 !== 0 && id <= count - 51);
  assert.deepEqual(idsOf(ranked.slice(0, left.length)), left);
  assert.deepEqual(idsOf(ranked.slice(left.length, left.length + words.length)), words);
}

onEachEngine('counts a search to 10,000 matches, and lists every match once', check);
