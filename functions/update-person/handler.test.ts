import assert from 'node:assert/strict';
import { it } from 'node:test';
import { accounts, addPerson, call, signIn } from '#lib/testing/accounts.ts';

const { handler } = await import('./handler.ts');
const { Authenticator } = await import('#lib/accounts/authenticator.ts');
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

it('refuses while AUTH is off, when everybody may call', async () => {
  const { status, body } = await call(handler, 'update-person', { caller: null });
  assert.deepEqual([status, body.type], [403, 'urn:cadastro:problem:accounts-off']);
});
