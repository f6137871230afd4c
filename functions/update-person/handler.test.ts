import assert from 'node:assert/strict';
import { it } from 'node:test';
import { accounts, addPerson, call, signIn } from '#lib/testing/accounts.ts';

const { handler } = await import('./handler.ts');
const { createApiKey, revokeApiKey } = await import('#lib/accounts/api-keys.ts');
const { Authenticator } = await import('#lib/accounts/authenticator.ts');
const { parseCredential } = await import('#lib/accounts/credentials.ts');
const { config, dataAccess } = await import('#lib/services.ts');

const authenticator = new Authenticator(dataAccess.database, config.accounts);
const first = await addPerson('Ada Lovelace', 'administrator');
const id = await addPerson('Grace Hopper');

const change = (body: object, of = id) => call(handler, 'update-person', { body, id: of });

it('changes the given fields, and leaves the others', async () => {
  const before = await accounts.read(id);
  const { status, headers, body } = await change({ email: 'grace@example.com', role: 'editor' });
  assert.equal(status, 200);
  assert.equal(headers['cache-control'], 'no-store');
  assert.deepEqual(body, { ...before, email: 'grace@example.com', role: 'editor' });
  assert.deepEqual(await accounts.read(id), body);
});

it('applies a new role to sessions that have begun, and ends those of a person who is disabled', async () => {
  const { token } = await signIn('Grace Hopper');
  await change({ role: 'administrator' });
  assert.equal((await authenticator.recognize(token))?.role, 'administrator');
  assert.equal((await change({ isDisabled: true })).body.isDisabled, true);
  assert.equal(await authenticator.recognize(token), undefined);
  await change({ isDisabled: false });
  assert.equal(await authenticator.recognize(token), undefined);
});

it('lets a person be renamed, and answers 409 to a name that another one has', async () => {
  assert.equal((await change({ name: 'GRACE HOPPER' })).body.name, 'GRACE HOPPER');
  const { status, body } = await change({ name: 'ada lovelace' });
  assert.deepEqual([status, body.errors[0].field], [409, 'name']);
});

it('keeps the last administrator who can sign in', async () => {
  await change({ role: 'reader' });
  for (const patch of [{ role: 'reader' }, { isDisabled: true }]) {
    const { status, body } = await change(patch, first);
    assert.deepEqual([status, body.type], [409, 'urn:cadastro:problem:last-administrator']);
  }
  assert.equal((await accounts.read(first)).role, 'administrator');
});

it('answers 400 to an empty body and to fields that nobody may set, and 404 to the id of nobody', async () => {
  assert.equal((await change({})).status, 400);
  const { status, body } = await change({ passwordHash: 'x', id: 7, signedInAt: null });
  assert.equal(status, 400);
  const fields = body.errors.map(({ field }: { field: string }) => field);
  assert.deepEqual(fields.sort(), ['id', 'passwordHash', 'signedInAt']);
  assert.equal((await change({ role: 'reader' }, 99)).status, 404);
});

it('refuses a caller who was demoted, disabled or signed out, or whose key was revoked, since the authorizer has looked', async () => {
  const eve = await addPerson('Eve', 'administrator');
  const caller = await signIn('Eve');
  const evesChange = async (by: typeof caller) => {
    const { status, body } = await call(handler, 'update-person', {
      caller: by,
      body: { role: 'administrator', isDisabled: false },
      id: eve,
    });
    return [status, body.type];
  };
  assert.deepEqual(await evesChange(caller), [200, undefined]);
  await accounts.change(eve, { role: 'editor' });
  assert.deepEqual(await evesChange(caller), [403, 'urn:cadastro:problem:administrator-needed']);
  assert.equal((await accounts.read(eve)).role, 'editor');
  await accounts.change(eve, { role: 'administrator', isDisabled: true });
  assert.deepEqual(await evesChange(caller), [401, 'urn:cadastro:problem:unauthorized']);
  assert.equal((await accounts.read(eve)).isDisabled, true);
  await accounts.change(eve, { isDisabled: false });
  assert.deepEqual(await evesChange(caller), [401, 'urn:cadastro:problem:unauthorized'], 'the session has ended');

  const keyText = await dataAccess.database.transact((connection) =>
    createApiKey(connection, { name: 'script', role: 'administrator', lifetimeMs: undefined }, Date.now()),
  );
  const key = { kind: 'key', id: parseCredential(keyText)?.id ?? '', name: 'script', role: 'administrator' } as const;
  const keysChange = async () =>
    (await call(handler, 'update-person', { caller: key, body: { role: 'reader' }, id: eve })).status;
  assert.equal(await keysChange(), 200);
  await dataAccess.database.transact((connection) => revokeApiKey(connection, 'script', Date.now()));
  assert.equal(await keysChange(), 401);
});

it('refuses while AUTH is off, when everybody may call', async () => {
  const { status, body } = await call(handler, 'update-person', { caller: null });
  assert.deepEqual([status, body.type], [403, 'urn:cadastro:problem:accounts-off']);
});
