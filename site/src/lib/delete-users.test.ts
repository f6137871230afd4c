import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiResponse, Result } from './api-client.ts';
import type { UserVersion } from './delete-users.ts';
import { deleteMatching, deleteUsers, getUsers, parseChoices, restoreUsers } from './delete-users.ts';

const failed: Result<never> = {
  ok: false,
  failure: { kind: 'problem', status: 503, problem: { title: '', status: 503 } },
};
const answer = <T>(body: T): Result<T> => ({
  ok: true,
  answer: { body, status: 200, headers: new Headers(), milliseconds: 1 } satisfies ApiResponse<T>,
});

test('a missing user counts as deleted, a changed one as stale, and a failed batch as failed', async () => {
  const statuses: Record<number, number> = { 1: 204, 2: 404, 3: 412 };
  const removeMany = async ({ users = [] }: { users?: UserVersion[]; q?: string; all?: true }) => {
    assert.deepEqual(Object.keys(users[0] ?? {}), ['id', 'version']);
    if (users.length !== 1000) return failed;
    return answer({ results: users.map(({ id }) => ({ id, status: statuses[id] ?? 204 })), left: 0 });
  };
  const users = Array.from({ length: 1001 }, (_, index) => ({ id: index + 1, version: 1, name: 'Ana' }));
  const result = await deleteUsers({ removeMany }, users);
  assert.deepEqual([result.done.length, result.stale, result.failed], [999, [3], [1001]]);
});

test('a search deletes what one request can, and says what is left', async () => {
  const removeMany = async () => answer({ results: [{ id: 5, status: 204 }], left: 7 });
  assert.deepEqual(await deleteMatching({ removeMany }, 'ana'), { done: [5], stale: [], failed: [], left: 7 });
  assert.ok(Number.isNaN((await deleteMatching({ removeMany: async () => failed }, 'ana')).left));
});

test('an empty search deletes all users by the choice that the API has for them', async () => {
  const bodies: unknown[] = [];
  const removeMany = async (body: unknown) => {
    bodies.push(body);
    return answer({ results: [], left: 0 });
  };
  for (const q of ['ana', '', ' ']) await deleteMatching({ removeMany }, q);
  assert.deepEqual(bodies, [{ q: 'ana' }, { all: true }, { all: true }]);
});

test('a restoration says whose e-mail is taken, and by whom', async () => {
  const results = [
    { id: 1, status: 200 },
    { id: 2, status: 409, owner: 9 },
    { id: 3, status: 404 },
  ];
  const restore = async (ids: readonly number[]) => (ids.length === 1000 ? failed : answer({ results }));
  const ids = Array.from({ length: 1003 }, (_, index) => index + 1);
  const taken = [{ id: 2, owner: 9 }];
  assert.deepEqual(await restoreUsers({ restore }, ids), { done: 1, taken, failed: 1, unanswered: 1000 });
});

test('a repeated restoration has the keys of the first one', async () => {
  const keys: string[] = [];
  const restore = async (_: readonly number[], key: string) => {
    keys.push(key);
    return answer({ results: [] });
  };
  const ids = Array.from({ length: 1001 }, (_, index) => index + 1);
  await restoreUsers({ restore }, ids, 'key');
  await restoreUsers({ restore }, ids, 'key');
  assert.deepEqual(keys, ['key-0', 'key-1', 'key-0', 'key-1']);
});

test('a repeated deletion has the keys of the first one', async () => {
  const keys: string[] = [];
  const removeMany = async (_: unknown, key: string) => {
    keys.push(key);
    return answer({ results: [], left: 0 });
  };
  const users = Array.from({ length: 1001 }, (_, index) => ({ id: index + 1, version: 1 }));
  await deleteUsers({ removeMany }, users, 'key');
  await deleteUsers({ removeMany }, users, 'key');
  assert.deepEqual(keys, ['key-0', 'key-1', 'key-0', 'key-1']);
});

test('choices of a form are read, and anything else is ignored', () => {
  assert.deepEqual(parseChoices(['[7,2]', '7', '[7,-1]', '[7,2', '{"id":7}']), [{ id: 7, version: 2 }]);
});

test('users are read once each, and missing ones are left out', async () => {
  const read: (string | number)[] = [];
  const get = async (id: string | number): Promise<Result<never>> => {
    read.push(id);
    return { ok: false, failure: { kind: 'problem', status: 404, problem: { title: '', status: 404 } } };
  };
  assert.deepEqual(await getUsers({ get }, [4, 4, undefined]), { users: [], failure: undefined });
  assert.deepEqual(read, [4]);
});
