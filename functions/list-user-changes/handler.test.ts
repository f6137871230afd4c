import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { ApiHandler } from '#lib/http/serve.ts';
import { context, dataAccess, invoke, sample } from '#lib/testing/function.ts';
import type { UserHistoryPage } from '#lib/users/types.ts';

const { handler } = await import('./handler.ts');
const { UserDirectory } = await import('#lib/users/directory.ts');
const { users } = await import('#lib/users/users.ts');

const always = () => true;
const requestId = context().awsRequestId;
const key = { kind: 'key', id: '7', name: 'nightly sync' };
const person = (n: number) => ({ name: `Person ${n}`, email: `person${n}@example.com` });

const handlerOf = async (name: string): Promise<ApiHandler> => (await import(`../${name}/handler.ts`)).handler;

/** Runs a function as an API key calls it. */
async function call(name: string, id: number | undefined, body?: object) {
  const event = sample(name, name === 'restore-users' || name === 'erase-user' ? 'valid' : eventOf(name), {
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    ...(id !== undefined && { pathParameters: { id: String(id) }, headers: { 'content-type': 'application/json' } }),
  });
  const lambda = { actorKind: key.kind, actorId: key.id, actorName: key.name };
  Object.assign(event.requestContext, { authorizer: { lambda } });
  return invoke(await handlerOf(name), event);
}

function eventOf(name: string): string {
  return { 'batch-write-users': 'create', 'batch-delete-users': 'by-id' }[name] ?? 'valid';
}

async function history(id: number, query: Record<string, string> = {}) {
  const event = { pathParameters: { id: String(id) }, queryStringParameters: query };
  return invoke(handler, sample('list-user-changes', 'latest', event as Partial<APIGatewayProxyEventV2>));
}

async function changes(id: number): Promise<UserHistoryPage['changes']> {
  const { status, body } = await history(id);
  assert.equal(status, 200);
  return body.changes;
}

describe('the history of a user', () => {
  it('has every change with the state before and after it, who made it, when and by which request', async () => {
    const id = (await call('create-user', undefined, person(1))).body.id;
    await call('replace-user', id, { ...person(1), name: 'Replaced' });
    await call('update-user', id, { email: 'patched@example.com' });
    await call('batch-write-users', undefined, {
      users: [{ name: 'Imported', email: 'patched@example.com' }],
      existing: 'update',
    });
    await call('delete-user', id);
    await call('restore-users', undefined, { ids: [id] });
    await call('batch-delete-users', undefined, { users: [{ id }] });
    await call('erase-user', id);
    const found = await changes(id);
    const name = { name: 'Person 1', email: 'person1@example.com', version: 1 };
    const replaced = { name: 'Replaced', email: 'person1@example.com', version: 2 };
    const patched = { name: 'Replaced', email: 'patched@example.com', version: 3 };
    const imported = { name: 'Imported', email: 'patched@example.com', version: 4 };
    const restored = { ...imported, version: 5 };
    assert.deepEqual(found.map(({ action, before, after }) => [action, before, after]).reverse(), [
      ['create', null, name],
      ['update', name, replaced],
      ['update', replaced, patched],
      ['update', patched, imported],
      ['delete', imported, null],
      ['restore', null, restored],
      ['delete', restored, null],
      ['purge', null, null],
    ]);
    for (const { actor, requestId: by, changedAt } of found) {
      assert.deepEqual([actor, by], [key, requestId]);
      assert.ok(Math.abs(Date.parse(changedAt) - Date.now()) < 60_000);
    }
  });

  it('has the creation of each user of a batch', async () => {
    const { body } = await call('batch-write-users', undefined, { users: [person(2), person(3)] });
    for (const [index, { id }] of body.results.entries()) {
      const after = { ...person(index + 2), version: 1 };
      const [change] = await changes(id);
      assert.deepEqual([change?.action, change?.before, change?.after, change?.actor], ['create', null, after, key]);
    }
  });

  it('names no caller where no authorizer has checked one, and none for the end of the days in the bin', async (test) => {
    const { user } = await users.create(person(4));
    const anonymous = sample('delete-user', 'valid', { pathParameters: { id: String(user.id) } });
    assert.equal((await invoke(await handlerOf('delete-user'), anonymous)).status, 204);
    test.mock.timers.enable({ apis: ['Date'], now: Date.now() + 31 * 24 * 60 * 60 * 1000 });
    await users.listDeleted({ limit: 1, sort: 'id', descending: false, search: [], after: undefined });
    const [purge, deletion] = await changes(user.id);
    assert.deepEqual([purge?.action, purge?.actor.kind, purge?.requestId], ['purge', 'system', null]);
    assert.deepEqual(deletion?.actor, { kind: 'anonymous', id: null, name: null });
  });

  it('has nothing of a change that was refused or undone, and nothing twice of a repeated request', async () => {
    const { user } = await users.create(person(5), 'history-key');
    await users.create(person(5), 'history-key');
    const { body } = await call('update-user', user.id, { name: '' });
    assert.equal(body.status, 400);
    await assert.rejects(
      users.update(user.id, { name: 'Late' }, () => false),
      { name: 'PreconditionFailed' },
    );
    await assert.rejects(users.create(person(5)), { name: 'EmailTaken' });
    assert.equal((await changes(user.id)).length, 1);
  });

  it('is read page by page, the latest change first', async () => {
    const { user } = await users.create(person(6));
    for (let n = 1; n <= 4; n++) await users.update(user.id, { name: `Name ${n}` }, always);
    const versions: (number | undefined)[] = [];
    let cursor = '';
    do {
      const { body } = await history(user.id, { limit: '2', ...(cursor && { cursor }) });
      assert.ok(body.changes.length <= 2);
      versions.push(...body.changes.map(({ after }: { after: { version: number } }) => after.version));
      cursor = body.next ?? '';
    } while (cursor !== '');
    assert.deepEqual(versions, [5, 4, 3, 2, 1]);
    const wrong = await history(user.id, { cursor: 'x', q: 'Ada' });
    assert.deepEqual([wrong.status, wrong.body.errors[0].field], [400, 'q']);
    assert.equal((await history(user.id, { limit: '0' })).status, 400);
  });

  it('is never an old one: its entity tag changes with each change, and it comes from the database', async () => {
    const { user } = await users.create(person(7));
    const first = await history(user.id);
    assert.equal(first.headers['x-cache'], 'bypass');
    const again = sample('list-user-changes', 'latest', {
      pathParameters: { id: String(user.id) },
      headers: { 'if-none-match': first.headers.etag },
    });
    assert.equal((await invoke(handler, again)).status, 304);
    await users.update(user.id, { name: 'Changed' }, always);
    const { status, body } = await invoke(handler, again);
    assert.deepEqual([status, body.changes.length], [200, 2]);
  });

  it('answers 404 for an id that no user ever had, and an empty list for a user from before the history', async () => {
    const { status, body } = await history(987_654);
    assert.deepEqual([status, body.type], [404, 'urn:cadastro:problem:user-not-found']);
    const { user } = await new UserDirectory(dataAccess, 30, 0).create(person(8));
    assert.deepEqual(await changes(user.id), []);
  });

  it('loses what is older than its days, for readers at once and from the database with later writes', async (test) => {
    const { user } = await users.create(person(9));
    const countOf = async () =>
      (await dataAccess.database.use((connection) => connection.get('SELECT count(*) AS n FROM user_changes')))?.n;
    assert.notEqual(await countOf(), 0);
    test.mock.timers.enable({ apis: ['Date'], now: Date.now() + 400 * 24 * 60 * 60 * 1000 });
    assert.deepEqual(await changes(user.id), []);
    await new UserDirectory(dataAccess, 30, 365).update(user.id, { name: 'A year later' }, always);
    assert.equal(await countOf(), 1);
    assert.equal((await changes(user.id)).length, 1);
  });
});
