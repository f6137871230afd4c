import assert from 'node:assert/strict';
import { it } from 'node:test';
import { accounts, addPerson, call, password, signIn } from '#lib/testing/accounts.ts';

const { handler } = await import('./handler.ts');
// The caller of the sample event.
await addPerson('Ada Lovelace', 'administrator');

it('adds a person without a password, and answers with the link to choose one', async () => {
  const { status, headers, body } = await call(handler, 'invite-person');
  assert.equal(status, 201);
  assert.equal(headers['cache-control'], 'no-store');
  const { id, createdAt, ...person } = body.person;
  assert.deepEqual(person, {
    ...{ name: 'Grace Hopper', email: 'grace@example.com', role: 'editor' },
    ...{ isDisabled: false, hasPassword: false, signedInAt: null },
  });
  assert.equal((await accounts.read(id)).createdAt, createdAt);
  await accounts.useLink(body.link.token, password);
  assert.equal((await signIn('Grace Hopper')).role, 'editor');
});

it('needs no e-mail', async () => {
  const { status, body } = await call(handler, 'invite-person', { body: { name: 'Alan Turing', role: 'reader' } });
  assert.deepEqual([status, body.person.email], [201, null]);
});

it('answers 409 to a name that is taken in another letter case', async () => {
  const { status, body } = await call(handler, 'invite-person', { body: { name: 'GRACE HOPPER', role: 'reader' } });
  assert.deepEqual([status, body.errors[0].field], [409, 'name']);
});

it('names each field that is wrong, missing or unknown', async () => {
  const body = { name: '\u200b', email: 'nowhere', isDisabled: false, passwordHash: 'x' };
  const answer = await call(handler, 'invite-person', { body });
  assert.equal(answer.status, 400);
  const fields = answer.body.errors.map(({ field }: { field: string }) => field);
  assert.deepEqual(fields.sort(), ['email', 'isDisabled', 'name', 'passwordHash', 'role']);
});

it('refuses a caller who is no administrator any more', async () => {
  const eve = await addPerson('Eve', 'administrator');
  const caller = await signIn('Eve');
  await accounts.change(eve, { role: 'editor' });
  assert.equal(
    (await call(handler, 'invite-person', { caller, body: { name: 'Friend', role: 'administrator' } })).status,
    403,
  );
  await accounts.change(eve, { isDisabled: true });
  assert.equal(
    (await call(handler, 'invite-person', { caller, body: { name: 'Friend', role: 'administrator' } })).status,
    401,
  );
});

it('refuses while AUTH is off, when everybody may call', async () => {
  const { status, body } = await call(handler, 'invite-person', { caller: null });
  assert.deepEqual([status, body.type], [403, 'urn:cadastro:problem:accounts-off']);
});
