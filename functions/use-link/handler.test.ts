import assert from 'node:assert/strict';
import { it } from 'node:test';
import { accounts, addPerson, call, password, signIn } from '#lib/testing/accounts.ts';

const { handler } = await import('./handler.ts');
const { Authenticator } = await import('#lib/accounts/authenticator.ts');
const { config, dataAccess } = await import('#lib/services.ts');

const chosen = 'a new long password';
const use = (token: string, given = chosen) => call(handler, 'use-link', { body: { token, password: given } });

it('sets the password of an invited person, once', async () => {
  const { link } = await accounts.invite({ name: 'Guest', email: null, role: 'editor' });
  const { status, headers, body } = await use(link.token);
  assert.equal(status, 200);
  assert.equal(headers['cache-control'], 'no-store');
  assert.deepEqual([body.name, body.role, body.hasPassword], ['Guest', 'editor', true]);
  assert.equal((await use(link.token, 'mine now and forever')).status, 404);
  await signIn('Guest', chosen);
});

it('sets the password once when the link is used many times at the same moment', async () => {
  const { link } = await accounts.invite({ name: 'Raced', email: null, role: 'reader' });
  const passwords = Array.from({ length: 6 }, (_, index) => `password number ${index}`);
  const answers = await Promise.all(passwords.map((one) => use(link.token, one)));
  const won = answers.findIndex(({ status }) => status === 200);
  assert.equal(answers.filter(({ status }) => status === 404).length, 5, answers.map(({ status }) => status).join());
  await signIn('Raced', passwords[won]);
});

it('ends the sessions of a person who has forgotten the password, and the pause after failures', async () => {
  const id = await addPerson('Forgetful');
  const { token } = await signIn('Forgetful');
  for (let i = 0; i < config.accounts.pauses.attempts; i++) {
    await assert.rejects(signIn('Forgetful', 'wrong'), { name: 'SignInFailed' });
  }
  await assert.rejects(signIn('Forgetful'), { name: 'SignInPaused' });
  assert.equal((await use((await accounts.createLink(id)).token)).status, 200);
  assert.equal(await new Authenticator(dataAccess.database, config.accounts).recognize(token), undefined);
  await signIn('Forgetful', chosen);
});

it('leaves the link valid after a password that is too short, and sets no role', async () => {
  const { link } = await accounts.invite({ name: 'Climber', email: null, role: 'reader' });
  const short = await use(link.token, 'short');
  assert.deepEqual([short.status, short.body.errors[0].field], [400, 'password']);
  const body = { token: link.token, password, role: 'administrator' };
  const climb = await call(handler, 'use-link', { body });
  assert.deepEqual([climb.status, climb.body.errors[0].field], [400, 'role']);
  assert.equal((await use(link.token)).body.role, 'reader');
});

it('answers 404 to a link that nobody has made', async () => {
  assert.equal((await call(handler, 'use-link')).status, 404);
});
