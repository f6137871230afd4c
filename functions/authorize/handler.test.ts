/** Tests the bundle, since the build collects the roles of all routes. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { context, dataAccess, sample } from '#lib/testing/function.ts';

const { createApiKey } = await import('#lib/accounts/api-keys.ts');

const folder = join(import.meta.dirname, '../../dist/functions/authorize');
const bundle = readdirSync(folder).find((file) => /^handler\.[cm]js$/.test(file));
const { handler } = await import(join(folder, bundle ?? ''));

const key = await dataAccess.database.transact((connection) =>
  createApiKey(connection, { name: 'script', role: 'editor', lifetimeMs: undefined }, Date.now()),
);

function ask(headers: Record<string, string | undefined>, routeKey = 'GET /users/{id}') {
  return handler({ ...sample('authorize', 'request'), headers, routeKey } as object, context());
}

it('lets a caller through who has the role of the route, by either header', async () => {
  for (const headers of [{ authorization: `Bearer ${key}` }, { 'x-api-key': key }]) {
    const { isAuthorized, context: caller } = await ask(headers);
    assert.equal(isAuthorized, true);
    assert.deepEqual(caller, { actorKind: 'key', actorId: key.split('_')[1], actorName: 'script', role: 'editor' });
  }
});

it('refuses a caller whose role does not suffice, and every caller on a route without a role', async () => {
  for (const route of ['DELETE /users/bin/{id}', 'GET /unknown']) {
    assert.deepEqual(await ask({ 'x-api-key': key }, route), { isAuthorized: false, context: null });
  }
});

it('leaves the 401 to the function of the route, and says why', async () => {
  assert.deepEqual(await ask({}), { isAuthorized: true, context: { refusal: 'missing' } });
  const wrong = [{ 'x-api-key': `${key}x` }, { authorization: `Basic ${key}` }, { authorization: 'Bearer a.b.c' }];
  for (const headers of wrong) {
    assert.deepEqual(await ask(headers), { isAuthorized: true, context: { refusal: 'invalid' } });
  }
});

it('knows a role for every route of the build', () => {
  const functions: { name: string; route?: string; role?: string }[] = JSON.parse(
    readFileSync(join(folder, '../../functions.json'), 'utf8'),
  );
  const routed = functions.filter(({ route }) => route !== undefined);
  assert.deepEqual(
    routed.filter(({ role }) => role === undefined),
    [],
    'each function.json with a route names its role',
  );
});
