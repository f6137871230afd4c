import assert from 'node:assert/strict';
import { it } from 'node:test';
import { addPerson, call, keyCaller, signIn } from '#lib/testing/accounts.ts';

const { handler } = await import('./handler.ts');
const { Authenticator } = await import('#lib/accounts/authenticator.ts');
const { config, dataAccess } = await import('#lib/services.ts');

const authenticator = new Authenticator(dataAccess.database, config.accounts);
await addPerson('Ada Lovelace');
await addPerson('Grace Hopper');

it('ends all sessions of the caller, and those of nobody else', async () => {
  const [caller, own] = [await signIn('Ada Lovelace'), await signIn('Ada Lovelace')];
  const others = await signIn('Grace Hopper');
  const { status, body } = await call(handler, 'sign-out-everywhere', { caller });
  assert.deepEqual([status, body], [204, '']);
  for (const { token } of [caller, own]) assert.equal(await authenticator.recognize(token), undefined);
  assert.notEqual(await authenticator.recognize(others.token), undefined);
  await signIn('Ada Lovelace');
});

it('needs a person with a session', async () => {
  const key = await call(handler, 'sign-out-everywhere', { caller: keyCaller });
  assert.deepEqual([key.status, key.body.type], [403, 'urn:cadastro:problem:person-needed']);
  const nobody = await call(handler, 'sign-out-everywhere', { caller: null });
  assert.deepEqual([nobody.status, nobody.body.type], [403, 'urn:cadastro:problem:accounts-off']);
});
