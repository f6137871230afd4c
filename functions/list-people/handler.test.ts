import assert from 'node:assert/strict';
import { it } from 'node:test';
import { accounts, addPerson, call } from '#lib/testing/accounts.ts';

const { handler } = await import('./handler.ts');
for (const name of ['grace', 'ada', 'Barbara']) await addPerson(name);

const names = (body: { people: { name: string }[] }) => body.people.map(({ name }) => name);

it('lists everybody by name, whatever the letter case, and tells no hash', async () => {
  const { status, headers, body } = await call(handler, 'list-people');
  assert.equal(status, 200);
  assert.equal(headers['cache-control'], 'no-store');
  assert.deepEqual(names(body), ['ada', 'Barbara', 'grace']);
  assert.deepEqual(body.people[0], await accounts.read(body.people[0].id));
  assert.doesNotMatch(JSON.stringify(body), /hash|\$/);
});

it('shows who is disabled', async () => {
  const id = await addPerson('Zoë');
  await accounts.change(id, { isDisabled: true });
  const { body } = await call(handler, 'list-people');
  const disabled = body.people.filter(({ isDisabled }: { isDisabled: boolean }) => isDisabled);
  assert.deepEqual(names({ people: disabled }), ['Zoë']);
});

it('refuses while AUTH is off, when everybody may call', async () => {
  const { status, body } = await call(handler, 'list-people', { caller: null });
  assert.deepEqual([status, body.type], [403, 'urn:cadastro:problem:accounts-off']);
});
