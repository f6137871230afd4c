/** Changes and deletions that arrive together are one call of the repository, on both databases. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { onEachEngine } from '../../../infra/tests/support/engines.ts';
import { readConfig } from '../config.ts';
import { system as author } from '../current-request.ts';
import type { Connection, WriteResult } from '../database/engine.ts';
import { unwrap } from '../database/unwrap.ts';
import { DataAccess } from '../resources/data-access.ts';
import { UserBin } from './bin.ts';
import { UserHistory } from './history.ts';
import { UserRepository } from './repository.ts';

const now = '2026-01-01T00:00:00.000Z';
const always = () => true;

/** @returns the value of each result, or the name of its error */
const outcomes = (results: readonly WriteResult[]) =>
  results.map((result) => ('value' in result ? (result.value ?? 'done') : (result.error as Error).name));

async function check(test: TestContext, url: string): Promise<void> {
  const data = new DataAccess(readConfig({ DATABASE_URL: url }));
  test.after(() => data.close());
  await data.prepare();
  const knex = await data.knex();
  const history = new UserHistory(knex, 365);
  const bin = new UserBin(knex, 30, history);
  const users = new UserRepository(knex, bin, history);
  const transact = <T>(work: (connection: Connection) => Promise<T>): Promise<T> =>
    data.database.transact(async (connection) => unwrap((await connection.each([work]))[0]) as T);
  const inputs = ['a', 'b', 'c', 'd'].map((name) => ({ input: { name, email: `${name}@example.com` }, author }));
  const created = await transact((connection) => users.insert(connection, inputs, now));
  const [a = 0, b = 0, c = 0, d = 0] = created.map((result) => unwrap(result).id);

  const changed = await transact((connection) =>
    users.update(
      connection,
      [
        { id: a, patch: { email: 'new@example.com' }, precondition: always },
        { id: b, patch: { email: 'A@example.com' }, precondition: always },
        { id: c, patch: { email: 'new@example.com' }, precondition: always },
        { id: a, patch: { name: 'Again' }, precondition: (version: number) => version === 2 },
        { id: a, patch: { name: 'Late' }, precondition: (version: number) => version === 2 },
        { id: 99, patch: { name: 'Nobody' }, precondition: always },
        { id: d, patch: { name: '%_\\"\'' }, precondition: always },
        { id: c, patch: { name: '' }, precondition: always },
      ].map((update) => ({ ...update, author })),
      now,
    ),
  );
  const versions = outcomes(changed).map((outcome) => (outcome as { version?: number }).version ?? outcome);
  assert.deepEqual(versions, [2, 2, 'EmailTaken', 3, 'PreconditionFailed', 'UserNotFound', 2, 'InvalidRequest']);
  const stored = await data.database.use((connection) =>
    connection.all('SELECT name, email, email_key, name_key, version FROM users ORDER BY id'),
  );
  assert.deepEqual(
    stored.map((row) => Object.values(row)),
    [
      ['Again', 'new@example.com', 'new@example.com', 'again', 3],
      ['b', 'A@example.com', 'a@example.com', 'b', 2],
      ['c', 'c@example.com', 'c@example.com', 'c', 1],
      ['%_\\"\'', 'd@example.com', 'd@example.com', '%_\\"', 2],
    ],
  );

  const removals = [a, c, a, 99, b].map((id) => ({
    id,
    precondition: (version: number) => id !== b || version === 1,
    author,
  }));
  const removed = await transact((connection) => users.delete(connection, removals, now));
  assert.deepEqual(outcomes(removed), ['done', 'done', 'UserNotFound', 'UserNotFound', 'PreconditionFailed']);
  const rows = await data.database.use((connection) =>
    connection.all("SELECT name, total FROM resources WHERE name LIKE 'users%' ORDER BY name"),
  );
  assert.deepEqual(
    rows.map((row) => Object.values(row)),
    [
      ['users', 2],
      ['users_bin', 2],
    ],
  );
  assert.equal((await data.database.use((connection) => bin.find(connection, a)))?.version, 3);

  const kept = await data.database.use((connection) =>
    connection.all<{ action: string; before: string | null; after: string | null }>(
      `SELECT action, before, after FROM user_changes WHERE user_id IN (${a}, ${b}) ORDER BY id`,
    ),
  );
  const state = (name: string, email: string, version: number) => ({ name, email: `${email}@example.com`, version });
  assert.deepEqual(
    kept.map(({ action, before, after }) => [action, before && JSON.parse(before), after && JSON.parse(after)]),
    [
      ['create', null, state('a', 'a', 1)],
      ['create', null, state('b', 'b', 1)],
      ['update', state('a', 'a', 1), state('a', 'new', 2)],
      ['update', state('b', 'b', 1), state('b', 'A', 2)],
      ['update', state('a', 'new', 2), state('Again', 'new', 3)],
      ['delete', state('Again', 'new', 3), null],
    ],
  );
}

onEachEngine('lets changes and deletions that arrive together see each other in their order, and fail alone', check);
