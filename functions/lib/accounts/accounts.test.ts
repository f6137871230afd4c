/** Accounts on a SQLite database of their own. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it, type TestContext } from 'node:test';
import { migrations, schemaVersion } from '#migrations';
import { readConfig } from '../config.ts';
import { Database } from '../database/database.ts';
import { Accounts } from './accounts.ts';
import { createApiKey, listApiKeys, revokeApiKey } from './api-keys.ts';
import { Authenticator, credentialOf } from './authenticator.ts';
import { parseCredential } from './credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-accounts-'));
const config = readConfig({ DATABASE_URL: `sqlite:${join(folder, 'app.db')}`, SIGN_IN_ATTEMPTS: '3' });
const rules = { ...config.accounts, linkMs: 60_000 };
const database = new Database(config.database, schemaVersion);
await database.migrate(migrations);
after(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const accounts = new Accounts(database, rules);
const authenticator = new Authenticator(database, rules);
const password = 'correct horse battery';
const client = '192.0.2.1';
const signIn = (name: string, given = password, from: string | undefined = undefined) =>
  accounts.signIn({ name, client: from }, given);
const sessionId = (token: string) => parseCredential(token)?.id ?? '';
let people = 0;

/** Adds a person with the password. */
function add(role: 'reader' | 'administrator' = 'reader') {
  people++;
  return accounts.add({ name: `Person ${people}`, email: null, role }, password);
}

/** Sets the clock of Date.now. */
function passTime(test: TestContext, ms: number) {
  test.mock.timers.enable({ apis: ['Date'], now: Date.now() + ms });
}

it('signs a person in by name, whatever its letter case, and recognizes the session', async () => {
  const person = await add('administrator');
  const { token, expiresAt, person: signedIn } = await signIn(person.name.toUpperCase());
  assert.equal(signedIn.id, person.id);
  assert.notEqual(signedIn.signedInAt, null);
  assert.deepEqual(await authenticator.recognize(token), {
    actorKind: 'person',
    actorId: String(person.id),
    actorName: person.name,
    role: 'administrator',
    expiresAt: Date.parse(expiresAt),
  });
  assert.notEqual((await signIn(person.name)).token, token, 'each sign-in has a token of its own');
});

it('refuses a wrong password, an unknown name and a disabled account with the same error', async () => {
  const [known, disabled, invited] = [await add(), await add(), `Invited ${people}`];
  await accounts.change(disabled.id, { isDisabled: true });
  await accounts.invite({ name: invited, email: null, role: 'reader' });
  const errors = await Promise.all(
    [signIn(known.name, 'wrong'), signIn('nobody'), signIn(disabled.name), signIn(invited)].map((attempt) =>
      attempt.then(
        () => assert.fail('signed in'),
        ({ name, message }: Error) => `${name}: ${message}`,
      ),
    ),
  );
  assert.deepEqual(
    [...new Set(errors)],
    ['SignInFailed: There is no active account with this name and this password.'],
  );
});

it('works as long for an unknown name as for a wrong password', async () => {
  const { name } = await add();
  const fastestOf = async (names: string[]) => {
    const times: number[] = [];
    for (const one of names) {
      const begun = performance.now();
      await assert.rejects(signIn(one, 'wrong'), { name: 'SignInFailed' });
      times.push(performance.now() - begun);
    }
    return Math.min(...times);
  };
  const ratio = (await fastestOf(['unknown 1', 'unknown 2', 'unknown 3'])) / (await fastestOf([name, name, name]));
  // Without the work, an unknown name would take a hundredth of the time. The bounds are wide for a busy machine.
  assert.ok(ratio > 0.2 && ratio < 5, `ratio ${ratio}`);
});

it('pauses after failures of an account, also of one that does not exist, and for longer each time', async (test) => {
  passTime(test, 0);
  const { name } = await add();
  for (const who of [name, 'nobody at all']) {
    for (let i = 0; i < 3; i++) await assert.rejects(signIn(who, 'wrong'), { name: 'SignInFailed' });
    await assert.rejects(signIn(who), { name: 'SignInPaused', headers: { 'retry-after': '1' } });
  }
  test.mock.timers.tick(1001);
  await assert.rejects(signIn(name, 'wrong'), { name: 'SignInFailed' });
  await assert.rejects(signIn(name), { name: 'SignInPaused', headers: { 'retry-after': '2' } });
  test.mock.timers.tick(2001);
  await signIn(name);
  await assert.rejects(signIn(name, 'wrong'), { name: 'SignInFailed' }, 'a success begins anew');
});

it('counts attempts that arrive together one by one', async (test) => {
  passTime(test, 0);
  const { name } = await add();
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => signIn(name, 'wrong').catch((error: Error) => error.name)),
  );
  assert.equal(outcomes.filter((outcome) => outcome === 'SignInFailed').length, 3);
});

it('pauses an address that tries many accounts', async (test) => {
  passTime(test, 0);
  const tries = Array.from({ length: 12 }, (_, index) => signIn(`guess ${index}`, 'wrong', client).catch(() => {}));
  await Promise.all(tries);
  const { name } = await add();
  await assert.rejects(signIn(name, password, client), { name: 'SignInPaused' });
  await signIn(name, password, '192.0.2.2');
});

it('ends a session at sign-out, and all of them at once', async () => {
  const { id, name } = await add();
  const tokens = [await signIn(name), await signIn(name), await signIn(name)].map(({ token }) => token);
  await accounts.signOut(sessionId(tokens[0] as string));
  assert.equal(await authenticator.recognize(tokens[0] as string), undefined);
  assert.notEqual(await authenticator.recognize(tokens[1] as string), undefined);
  await accounts.signOutEverywhere(id);
  assert.equal(await authenticator.recognize(tokens[2] as string), undefined);
});

it('ends a session that is idle, and one that is old', async (test) => {
  const { name } = await add();
  const { token } = await signIn(name);
  passTime(test, rules.sessions.idleMs - 60_000);
  assert.notEqual(await authenticator.recognize(token), undefined);
  test.mock.timers.tick(rules.sessions.idleMs - 60_000);
  assert.notEqual(await authenticator.recognize(token), undefined, 'a request keeps the session alive');
  test.mock.timers.tick(rules.sessions.idleMs + 1);
  assert.equal(await authenticator.recognize(token), undefined);
  const { token: old } = await signIn(name);
  test.mock.timers.tick(rules.sessions.maxMs + 1);
  assert.equal(await authenticator.recognize(old), undefined);
});

it('changes a password for its owner, and ends the other sessions', async () => {
  const { id, name } = await add();
  const [kept, other] = [await signIn(name), await signIn(name)];
  const caller = { personId: id, sessionId: sessionId(kept.token), client: undefined };
  const newPassword = 'another horse battery';
  await assert.rejects(accounts.changePassword(caller, { currentPassword: 'wrong', newPassword }), {
    name: 'WrongPassword',
  });
  await accounts.changePassword(caller, { currentPassword: password, newPassword });
  assert.notEqual(await authenticator.recognize(kept.token), undefined);
  assert.equal(await authenticator.recognize(other.token), undefined);
  await assert.rejects(signIn(name), { name: 'SignInFailed' });
  await signIn(name, newPassword);
});

it('lets an invited person choose a password once', async (test) => {
  const { person, link } = await accounts.invite({ name: 'Guest', email: 'guest@example.com', role: 'editor' });
  assert.equal(person.hasPassword, false);
  assert.equal((await accounts.readLink(link.token)).person.name, 'Guest');
  await accounts.useLink(link.token, password);
  assert.equal((await signIn('guest')).person.role, 'editor');
  await assert.rejects(accounts.useLink(link.token, 'mine now and forever'), { name: 'LinkNotValid' });
  const [first, second] = [await accounts.createLink(person.id), await accounts.createLink(person.id)];
  await assert.rejects(accounts.readLink(first.token), { name: 'LinkNotValid' }, 'the newer link replaces it');
  passTime(test, rules.linkMs + 1);
  await assert.rejects(accounts.useLink(second.token, password), { name: 'LinkNotValid' });
  await assert.rejects(accounts.readLink('cadl_nonsense'), { name: 'LinkNotValid' });
});

it('ends the sessions of a person whose account is disabled, and applies a new role at once', async () => {
  const { id, name } = await add();
  const { token } = await signIn(name);
  await accounts.change(id, { role: 'editor' });
  assert.equal((await authenticator.recognize(token))?.role, 'editor');
  await accounts.change(id, { isDisabled: true });
  assert.equal(await authenticator.recognize(token), undefined);
  await accounts.change(id, { isDisabled: false });
  assert.equal(await authenticator.recognize(token), undefined, 'the session does not come back');
});

it('keeps the last administrator who can sign in', async () => {
  const administrators = (await accounts.list()).filter(({ role }) => role === 'administrator');
  const last = await add('administrator');
  for (const { id } of administrators) await accounts.change(id, { role: 'reader' });
  await accounts.invite({ name: 'Not yet', email: null, role: 'administrator' });
  await assert.rejects(accounts.change(last.id, { role: 'editor' }), { name: 'LastAdministrator' });
  await assert.rejects(accounts.change(last.id, { isDisabled: true }), { name: 'LastAdministrator' });
});

it('refuses a name that differs by letter case alone', async () => {
  const { name } = await add();
  await assert.rejects(accounts.add({ name: name.toUpperCase(), email: null, role: 'reader' }, password), {
    name: 'NameTaken',
  });
});

it('recognizes an API key until it expires or is revoked', async (test) => {
  const create = (name: string, lifetimeMs?: number) =>
    database.transact((connection) => createApiKey(connection, { name, role: 'reader', lifetimeMs }, Date.now()));
  const [lasting, short] = [await create('lasting'), await create('short', 1000)];
  assert.deepEqual(await authenticator.recognize(lasting), {
    actorKind: 'key',
    actorId: parseCredential(lasting)?.id,
    actorName: 'lasting',
    role: 'reader',
  });
  const forged = lasting.slice(0, -1) + (lasting.endsWith('A') ? 'E' : 'A');
  assert.equal(await authenticator.recognize(forged), undefined);
  await assert.rejects(create('LASTING'), { name: 'NameTaken' });
  passTime(test, 1001);
  assert.equal(await authenticator.recognize(short), undefined);
  assert.equal(await database.transact((connection) => revokeApiKey(connection, 'lasting', Date.now())), true);
  assert.equal(await authenticator.recognize(lasting), undefined);
  const keys = await database.use(listApiKeys);
  assert.deepEqual(
    keys.map(({ name, revokedAt }) => [name, revokedAt !== null]),
    [
      ['lasting', true],
      ['short', false],
    ],
  );
});

it('stores no password, token or key as it is', async () => {
  const { name } = await add();
  const { token } = await signIn(name);
  const secrets = [password, token, parseCredential(token)?.secret ?? ''];
  for (const table of ['people', 'sessions', 'api_keys', 'account_links', 'sign_in_failures']) {
    const rows = JSON.stringify(await database.use((connection) => connection.all(`SELECT * FROM ${table}`)));
    for (const secret of secrets) assert.equal(rows.includes(secret), false, table);
  }
});

it('finds the credential of a request in either header', () => {
  assert.equal(credentialOf({}), undefined);
  assert.equal(credentialOf({ 'x-api-key': 'k' }), 'k');
  assert.equal(credentialOf({ authorization: 'bearer  k ' }), 'k');
  assert.equal(credentialOf({ authorization: 'Basic a2V5', 'x-api-key': 'k' }), '');
});

it('counts no question about a session as a use of it', async (test) => {
  passTime(test, 0);
  const { name } = await add();
  const { token } = await signIn(name);
  const { idleMs } = rules.sessions;
  test.mock.timers.tick(idleMs / 2);
  assert.ok(await authenticator.recognize(token, true));
  test.mock.timers.tick(idleMs / 2);
  assert.equal(await authenticator.recognize(token, true), undefined);
});
