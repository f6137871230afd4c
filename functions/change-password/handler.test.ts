import assert from 'node:assert/strict';
import { it } from 'node:test';
import { accounts, addPerson, call, keyCaller, password, signIn } from '#lib/testing/accounts.ts';

const { handler } = await import('./handler.ts');
const { Authenticator } = await import('#lib/accounts/authenticator.ts');
const { config, dataAccess } = await import('#lib/services.ts');

const newPassword = 'another horse battery';
await addPerson('Ada Lovelace', 'administrator');

it('changes the password of the caller, and ends the other sessions', async () => {
  const [caller, other] = [await signIn('Ada Lovelace'), await signIn('Ada Lovelace')];
  const answer = await call(handler, 'change-password', { caller });
  assert.deepEqual([answer.status, answer.body], [204, '']);
  const authenticator = new Authenticator(dataAccess.database, config.accounts);
  assert.notEqual(await authenticator.recognize(caller.token), undefined);
  assert.equal(await authenticator.recognize(other.token), undefined);
  await signIn('Ada Lovelace', newPassword);
  await assert.rejects(signIn('Ada Lovelace'), { name: 'SignInFailed' });
});

it('answers 403 to a wrong current password, and 400 to a new one that is too short', async () => {
  await addPerson('Careful');
  const caller = await signIn('Careful');
  const wrong = await call(handler, 'change-password', { caller, body: { currentPassword: 'wrong', newPassword } });
  assert.deepEqual([wrong.status, wrong.body.errors[0].field], [403, 'currentPassword']);
  const short = { currentPassword: password, newPassword: 'short' };
  const answer = await call(handler, 'change-password', { caller, body: short });
  assert.deepEqual([answer.status, answer.body.errors[0].field], [400, 'newPassword']);
  const right = { currentPassword: password, newPassword };
  assert.equal((await call(handler, 'change-password', { caller, body: right })).status, 204);
  await signIn('Careful', newPassword);
});

it('answers 429 after many wrong current passwords, as signing in does', async () => {
  await addPerson('Guessed');
  const caller = await signIn('Guessed');
  const guess = () => call(handler, 'change-password', { caller, body: { currentPassword: 'wrong', newPassword } });
  const statuses: (number | undefined)[] = [];
  for (let i = 0; i <= config.accounts.pauses.attempts; i++) statuses.push((await guess()).status);
  assert.deepEqual([statuses[0], statuses.at(-1)], [403, 429]);
});

it('changes only the password of the caller, whatever the body says', async () => {
  const id = await addPerson('Victim');
  await addPerson('Mallory');
  const caller = await signIn('Mallory');
  const body = { currentPassword: password, newPassword, id, name: 'Victim', role: 'administrator' };
  const { status, body: problem } = await call(handler, 'change-password', { caller, body });
  assert.equal(status, 400);
  assert.deepEqual(problem.errors.map(({ field }: { field: string }) => field).sort(), ['id', 'name', 'role']);
  assert.equal((await accounts.read(Number(caller.id))).role, 'reader');
});

it('needs a person with a session', async () => {
  const key = await call(handler, 'change-password', { caller: keyCaller });
  assert.deepEqual([key.status, key.body.type], [403, 'urn:cadastro:problem:person-needed']);
  const nobody = await call(handler, 'change-password', { caller: null });
  assert.deepEqual([nobody.status, nobody.body.type], [403, 'urn:cadastro:problem:accounts-off']);
});
