import assert from 'node:assert/strict';
import { it } from 'node:test';
import { addPerson, call, keyCaller, signIn } from '#lib/testing/accounts.ts';

const { handler } = await import('./handler.ts');
const { Authenticator } = await import('#lib/accounts/authenticator.ts');
const { config, dataAccess } = await import('#lib/services.ts');

const authenticator = new Authenticator(dataAccess.database, config.accounts);
await addPerson('Ada Lovelace');

it('ends the session of the request, and no other one', async () => {
  const [caller, other] = [await signIn('Ada Lovelace'), await signIn('Ada Lovelace')];
  const { status, body } = await call(handler, 'sign-out', { caller });
  assert.deepEqual([status, body], [204, '']);
  assert.equal(await authenticator.recognize(caller.token), undefined);
  assert.notEqual(await authenticator.recognize(other.token), undefined);
});

it('answers 204 again to a second sign-out that the gateway still lets through', async () => {
  const caller = await signIn('Ada Lovelace');
  await call(handler, 'sign-out', { caller });
  assert.equal((await call(handler, 'sign-out', { caller })).status, 204);
});

it('needs a person with a session', async () => {
  const key = await call(handler, 'sign-out', { caller: keyCaller });
  assert.deepEqual([key.status, key.body.type], [403, 'urn:cadastro:problem:person-needed']);
  const nobody = await call(handler, 'sign-out', { caller: null });
  assert.deepEqual([nobody.status, nobody.body.type], [403, 'urn:cadastro:problem:accounts-off']);
});
