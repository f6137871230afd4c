import assert from 'node:assert/strict';
import { it } from 'node:test';
import { accounts, addPerson, call, password } from '#lib/testing/accounts.ts';

const { handler } = await import('./handler.ts');
const { Authenticator } = await import('#lib/accounts/authenticator.ts');
const { config, dataAccess } = await import('#lib/services.ts');

const authenticator = new Authenticator(dataAccess.database, config.accounts);
const id = await addPerson('Ada Lovelace', 'editor');

/** Fields of a problem that do not differ from request to request. */
const lasting = ({ requestId: _, ...problem }: Record<string, unknown>) => problem;

it('begins a session, whose token the authorizer recognizes', async () => {
  const { status, headers, body } = await call(handler, 'sign-in');
  assert.equal(status, 201);
  assert.equal(headers['cache-control'], 'no-store');
  assert.deepEqual(Object.keys(body).sort(), ['expiresAt', 'person', 'token']);
  assert.deepEqual(body.person, await accounts.read(id));
  assert.notEqual(body.person.signedInAt, null);
  const caller = await authenticator.recognize(body.token);
  assert.deepEqual([caller?.actorId, caller?.role], [String(id), 'editor']);
});

it('makes a new token at each sign-in, and takes none that the request names', async () => {
  const [first, second] = [await call(handler, 'sign-in'), await call(handler, 'sign-in')];
  assert.notEqual(first.body.token, second.body.token);
  const { status, body } = await call(handler, 'sign-in', {
    body: { name: 'Ada Lovelace', password, token: first.body.token },
  });
  assert.deepEqual([status, body.errors[0].field], [400, 'token']);
});

it('answers 401 with the same words to a wrong password, an unknown name, and an account that is disabled or invited', async () => {
  const disabled = await addPerson('Disabled');
  await accounts.change(disabled, { isDisabled: true });
  await accounts.invite({ name: 'Invited', email: null, role: 'reader' });
  const attempts = [
    { name: 'Ada Lovelace', password: 'wrong' },
    ...['Nobody', 'Disabled', 'Invited'].map((name) => ({ name, password })),
  ];
  const problems = new Set<string>();
  for (const body of attempts) {
    const answer = await call(handler, 'sign-in', { body });
    assert.equal(answer.status, 401, body.name);
    assert.equal(answer.headers['www-authenticate'], 'Bearer realm="cadastro"');
    problems.add(JSON.stringify(lasting(answer.body)));
  }
  assert.equal(problems.size, 1);
});

it('answers 429 with Retry-After after SIGN_IN_ATTEMPTS failures, also to the right password', async (t) => {
  // A slow machine could need longer for the attempts than the pause lasts.
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  await addPerson('Target');
  for (let i = 0; i < config.accounts.pauses.attempts; i++) {
    assert.equal((await call(handler, 'sign-in', { body: { name: 'Target', password: 'wrong' } })).status, 401);
  }
  const { status, headers } = await call(handler, 'sign-in', { body: { name: 'Target', password } });
  assert.equal(status, 429);
  assert.match(headers['retry-after'] ?? '', /^[1-9]\d*$/);
});

it('names the fields that are missing', async () => {
  const { status, body } = await call(handler, 'sign-in', { body: {} });
  assert.equal(status, 400);
  assert.deepEqual(body.errors.map(({ field }: { field: string }) => field).sort(), ['name', 'password']);
});
