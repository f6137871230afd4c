import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Api, Result } from './api-client.ts';
import { deleteUsers, getUsers, parseChoices } from './delete-users.ts';

const success = (body: unknown) => ({
  ok: true,
  answer: { body, status: 200, headers: new Headers(), milliseconds: 1 },
});
const failure = (status: number) => ({
  ok: false,
  failure: { kind: 'problem', status, problem: { title: '', status } },
});

/** An API that answers by the id of the user: 4xx and 5xx ids fail with that status. */
const api = {
  remove: async (id: number, tag: string) => (id >= 400 ? failure(id) : success(tag)) as Result<undefined>,
  get: async (id: number) => (id >= 400 ? failure(id) : success({ id })),
} as Pick<Api, 'remove' | 'get'>;

const versions = (...ids: number[]) => ids.map((id) => ({ id, version: 1 }));

test('a missing user counts as deleted, a changed one as stale, and the rest is left', async () => {
  const { left, ...counts } = await deleteUsers(api, versions(1, 404, 412, 503, 2));
  assert.deepEqual(counts, { done: 3, stale: 1, failed: 1 });
  assert.deepEqual(left.sort(), [412, 503]);
});

test('users are read once each, without those that no longer exist', async () => {
  const { users, failure } = await getUsers(api, [1, undefined, 2, 1, 404]);
  assert.deepEqual(
    users.map(({ id }) => id),
    [1, 2],
  );
  assert.equal(failure, undefined);
  assert.equal((await getUsers(api, [1, 503])).failure?.kind, 'problem');
});

test('only well-formed choices of a form count', () => {
  assert.deepEqual(parseChoices(['[1,2]', '[1]', 'x', '[1,2,3]', '[-1,2]', new File([], 'x')]), [
    { id: 1, version: 2 },
  ]);
});
