import assert from 'node:assert/strict';
import { it } from 'node:test';
import { accounts, addPerson, call, password } from '#lib/testing/accounts.ts';

const { handler } = await import('./handler.ts');
const { config } = await import('#lib/services.ts');

const read = (token: string) => call(handler, 'read-link', { body: { token } });

it('tells the name of the invited person, and whether the account is new, without using the link', async () => {
  const { person, link } = await accounts.invite({ name: 'Guest', email: 'guest@example.com', role: 'editor' });
  for (let i = 0; i < 2; i++) {
    const { status, headers, body } = await read(link.token);
    assert.equal(status, 200);
    assert.equal(headers['cache-control'], 'no-store');
    assert.deepEqual(body, { name: 'Guest', isNew: true, expiresAt: link.expiresAt });
  }
  await accounts.useLink(link.token, password);
  const { token } = await accounts.createLink(person.id);
  assert.equal((await read(token)).body.isNew, false);
});

it('answers 404 alike to a link that is unknown, forged, used, replaced, expired, or of a disabled person', async (test) => {
  const id = await addPerson('Owner');
  const replaced = (await accounts.createLink(id)).token;
  const used = (await accounts.createLink(id)).token;
  await accounts.useLink(used, password);
  const expired = (await accounts.createLink(id)).token;
  const disabledId = await addPerson('Disabled');
  await accounts.change(disabledId, { isDisabled: true });
  const disabled = (await accounts.createLink(disabledId)).token;
  const forged = expired.slice(0, -1) + (expired.endsWith('A') ? 'E' : 'A');
  const unknown = `cadl_0123456789abcdef_${'0'.repeat(43)}`;
  const session = (await accounts.signIn({ name: 'Owner', client: undefined }, password)).token;
  const details = new Set<string>();
  const refused = async (token: string) => {
    const { status, body } = await read(token);
    assert.equal(status, 404, token);
    details.add(body.detail);
  };
  for (const token of [replaced, used, disabled, forged, unknown, session, 'x']) await refused(token);
  assert.equal((await read(expired)).status, 200);
  test.mock.timers.enable({ apis: ['Date'], now: Date.now() + config.accounts.linkMs + 1 });
  await refused(expired);
  assert.equal(details.size, 1);
});

it('answers 404 to the sample event, whose link nobody has made, and 400 without a token', async () => {
  assert.equal((await call(handler, 'read-link')).status, 404);
  const { status, body } = await call(handler, 'read-link', { body: {} });
  assert.deepEqual([status, body.errors[0].field], [400, 'token']);
});
