/** The HTTP API with AUTH=on: keys, roles, and what answers without them. */
import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { revokeApiKey } from '#lib/accounts/api-keys.ts';
import { withAuthOnEveryStack } from '../support/auth.ts';
import { until } from '../support/until.ts';

withAuthOnEveryStack('the API with AUTH=on', { AUTH_CACHE_MS: '200' }, (auth) => {
  const keys = { reader: '', editor: '', administrator: '' };

  before(async () => {
    for (const role of ['reader', 'editor', 'administrator'] as const) keys[role] = await auth.createKey(role, role);
  });

  it('answers 401 with a challenge to a request without a credential, and to one with a wrong one', async () => {
    const missing = await auth.call('GET /users');
    assert.equal(missing.status, 401);
    assert.equal(missing.headers.get('www-authenticate'), 'Bearer realm="cadastro"');
    assert.equal(missing.body.type, 'urn:cadastro:problem:unauthorized');
    const forged = `${keys.reader.slice(0, -2)}${keys.reader.endsWith('AA') ? 'EE' : 'AA'}`;
    for (const credential of [forged, 'nonsense', 'a.b.c']) {
      const wrong = await auth.call('GET /users', credential);
      assert.equal(wrong.status, 401);
      assert.equal(wrong.headers.get('www-authenticate'), 'Bearer realm="cadastro", error="invalid_token"');
    }
  });

  it('takes a key in either header', async () => {
    assert.equal((await auth.call('GET /users', keys.reader)).status, 200);
    const response = await fetch(`${auth.router.url}/users`, { headers: { 'x-api-key': keys.reader } });
    assert.equal(response.status, 200);
  });

  it('lets each role do what the routes name, and answers 403 to the rest', async () => {
    const ana = { name: 'Ana', email: 'ana@example.com' };
    assert.equal((await auth.call('POST /users', keys.reader, ana)).status, 403);
    assert.equal((await auth.call('POST /users', keys.editor, ana)).status, 201);
    assert.equal((await auth.call('DELETE /users/bin/1', keys.editor)).status, 403);
    assert.equal((await auth.call('DELETE /users/bin/1', keys.administrator)).status, 404);
    assert.equal((await auth.call('GET /people', keys.editor)).status, 403);
    assert.equal((await auth.call('GET /people', keys.administrator)).status, 200);
  });

  it('keeps no answer of one route for another one', async () => {
    assert.equal((await auth.call('GET /users/bin', keys.reader)).status, 403);
    assert.equal((await auth.call('GET /users', keys.reader)).status, 200);
    assert.equal((await auth.call('GET /users/bin', keys.reader)).status, 403);
  });

  it('leaves the probes open', async () => {
    assert.equal((await auth.call('GET /health')).status, 200);
    for (const probe of ['livez', 'readyz']) {
      assert.equal((await fetch(`${auth.router.statusUrl}/${probe}`)).status, 200);
    }
  });

  it('lets only a person with a session do what is about that session', async () => {
    for (const route of ['DELETE /sessions', 'DELETE /sessions/current']) {
      const { status, body } = await auth.call(route, keys.administrator);
      assert.deepEqual([status, body.type], [403, 'urn:cadastro:problem:person-needed']);
    }
    const { id, ...found } = (await auth.call('GET /me', keys.reader)).body;
    assert.deepEqual(found, { kind: 'key', name: 'reader', role: 'reader' });
    assert.match(id, /^[0-9a-f]{16}$/);
  });

  it('refuses a revoked key as soon as the kept answer expires', async () => {
    const key = await auth.createKey('short-lived', 'reader');
    assert.equal((await auth.call('GET /users', key)).status, 200);
    await auth.database.transact((connection) => revokeApiKey(connection, 'short-lived', Date.now()));
    await until('the key is refused', async () => (await auth.call('GET /users', key)).status === 401);
  });
});
