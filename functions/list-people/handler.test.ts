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
  assert.deepEqual([body.total, body.totalExact, body.next], [3, true, null]);
  assert.doesNotMatch(JSON.stringify(body), /hash|\$/);
});

it('leads from page to page by cursors, also past a person who was renamed in between', async () => {
  const first = await call(handler, 'list-people', { query: { limit: '2' } });
  assert.deepEqual([names(first.body), first.body.total], [['ada', 'Barbara'], 3]);
  const cursor: string = first.body.next;
  const { body } = await call(handler, 'list-people', { query: { limit: '2', cursor } });
  assert.deepEqual([names(body), body.next], [['grace'], null]);
  const barbara = first.body.people[1].id;
  await accounts.change(barbara, { name: 'Aaron' });
  assert.deepEqual(names((await call(handler, 'list-people', { query: { cursor } })).body), ['grace']);
  await accounts.change(barbara, { name: 'Barbara' });
  const whole = await call(handler, 'list-people', { query: { limit: '3' } });
  assert.deepEqual([names(whole.body).length, whole.body.next], [3, null], 'a full last page has no next one');
});

it('names the parameters that are wrong or unknown', async () => {
  const refused = async (query: Record<string, string>) => {
    const { status, body } = await call(handler, 'list-people', { query });
    return [status, ...body.errors.map(({ field }: { field: string }) => field)];
  };
  assert.deepEqual(await refused({ limit: '0' }), [400, 'limit']);
  assert.deepEqual(await refused({ cursor: 'x' }), [400, 'cursor']);
  // The cursor of a list with another order.
  assert.deepEqual(await refused({ cursor: btoa('["id",1,1]') }), [400, 'cursor']);
  assert.deepEqual(await refused({ sort: 'name', q: 'ada' }), [400, 'sort', 'q']);
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
