import assert from 'node:assert/strict';
import { it } from 'node:test';
import { accounts, addPerson, call, signIn } from '#lib/testing/accounts.ts';

const { handler } = await import('./handler.ts');
const { config } = await import('#lib/services.ts');
const id = await addPerson('Ada Lovelace', 'administrator');

it('makes a link by which the person chooses a password, valid for LINK_HOURS', async (test) => {
  test.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2030, 0, 1) });
  const { status, headers, body } = await call(handler, 'create-link');
  assert.equal(status, 201);
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(Date.parse(body.expiresAt), Date.UTC(2030, 0, 1) + config.accounts.linkMs);
  assert.equal((await accounts.readLink(body.token)).person.id, id);
});

it('replaces the earlier link of the person', async () => {
  const [first, second] = [await call(handler, 'create-link'), await call(handler, 'create-link')];
  await assert.rejects(accounts.readLink(first.body.token), { name: 'LinkNotValid' });
  assert.equal((await accounts.readLink(second.body.token)).person.id, id);
});

it('answers 404 to the id of nobody, and 400 to what is no id', async () => {
  assert.equal((await call(handler, 'create-link', { id: 99 })).status, 404);
  assert.equal((await call(handler, 'create-link', { id: 0 })).status, 400);
});

it('refuses a caller who is no administrator any more', async () => {
  const eve = await addPerson('Eve', 'administrator');
  const caller = await signIn('Eve');
  await accounts.change(eve, { role: 'editor' });
  assert.equal((await call(handler, 'create-link', { caller, id: id })).status, 403);
  await accounts.change(eve, { isDisabled: true });
  assert.equal((await call(handler, 'create-link', { caller, id: id })).status, 401);
});

it('refuses while AUTH is off, when everybody may call', async () => {
  const { status, body } = await call(handler, 'create-link', { caller: null });
  assert.deepEqual([status, body.type], [403, 'urn:cadastro:problem:accounts-off']);
});
