/** The API signs people in by OpenID Connect, at a real provider. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { AuthApi } from '../support/auth.ts';
import { client, signInAtProvider, startProvider, type TestProvider } from '../support/openid-provider.ts';

const PUBLIC_URL = 'http://127.0.0.1:1';
const redirectUri = `${PUBLIC_URL}/sign-in/openid/return`;

interface Setup {
  readonly provider: TestProvider;
  readonly directory: AuthApi;
  /** Begins a sign-in, and signs in at the provider. `url` may be changed on the way to the provider. */
  visit(login: string, change?: (url: URL) => void): Promise<{ ticket: string; query: URLSearchParams }>;
  finish(visit: { ticket: string; query: URLSearchParams }): ReturnType<AuthApi['call']>;
  signIn(login: string): ReturnType<AuthApi['call']>;
}

async function startDirectory(t: TestContext, env: Record<string, string> = {}): Promise<AuthApi> {
  const directory = new AuthApi({}, env);
  await directory.start();
  t.after(() => directory.stop());
  return directory;
}

async function setUp(t: TestContext, { claimsInToken = true, env = {} } = {}): Promise<Setup> {
  const provider = await startProvider(t, { redirectUri, claimsInToken });
  const directory = await startDirectory(t, {
    ...{ PUBLIC_URL, OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: client.id, OIDC_CLIENT_SECRET: client.secret },
    ...env,
  });
  const visit: Setup['visit'] = async (login, change) => {
    const { status, body } = await directory.call('POST /sessions/openid/begin');
    assert.equal(status, 200, JSON.stringify(body));
    const url = new URL(body.url);
    change?.(url);
    const returned = await signInAtProvider(url.href, login);
    assert.equal(returned.origin + returned.pathname, redirectUri);
    return { ticket: body.ticket, query: returned.searchParams };
  };
  const finish: Setup['finish'] = ({ ticket, query }) =>
    directory.call('POST /sessions/openid', undefined, { ticket, query: query.toString() });
  return { provider, directory, visit, finish, signIn: async (login) => finish(await visit(login)) };
}

const ada = { name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true, role: ['other', 'editor'] };

test('the first sign-in adds the person with the role of the claim, and each one sets it', async (t) => {
  const { provider, directory, signIn } = await setUp(t);
  provider.accounts.set('u-1', ada);
  const first = await signIn('u-1');
  assert.equal(first.status, 201, JSON.stringify(first.body));
  assert.equal(first.headers.get('cache-control'), 'no-store');
  assert.partialDeepStrictEqual(first.body.person, { name: 'Ada Lovelace', email: 'ada@example.com', role: 'editor' });
  const me = await directory.call('GET /me', first.body.token);
  assert.deepEqual(me.body, { kind: 'person', id: String(first.body.person.id), name: 'Ada Lovelace', role: 'editor' });

  // Neither another name nor another address makes another person of the same subject.
  provider.accounts.set('u-1', { ...ada, name: 'Ada King', email: 'king@example.com', role: 'administrator' });
  const second = await signIn('u-1');
  assert.partialDeepStrictEqual(second.body.person, { id: first.body.person.id, role: 'administrator' });
  const { body } = await directory.call('GET /people', second.body.token);
  assert.equal(body.people.length, 1);
});

test('another subject is another person, whatever name and e-mail address it has', async (t) => {
  const { provider, directory, signIn } = await setUp(t);
  await directory.addPerson('Ada Lovelace', 'administrator');
  provider.accounts.set('u-1', { ...ada, role: 'reader' });
  provider.accounts.set('u-2', { ...ada, role: 'reader', email_verified: false });
  const people = [(await signIn('u-1')).body.person, (await signIn('u-2')).body.person];
  assert.deepEqual(
    people.map(({ name, email, role }) => [name, email, role]),
    [
      ['Ada Lovelace (2)', 'ada@example.com', 'reader'],
      ['Ada Lovelace (3)', null, 'reader'],
    ],
  );
  assert.equal(new Set(people.map(({ id }) => id)).size, 2);
});

test('claims that only the answer about the user has count, too', async (t) => {
  const { provider, signIn } = await setUp(t, { claimsInToken: false });
  provider.accounts.set('u-1', ada);
  assert.partialDeepStrictEqual((await signIn('u-1')).body.person, { name: 'Ada Lovelace', role: 'editor' });
});

test('a person without a role gets 403, and loses the sessions of the time before', async (t) => {
  const { provider, directory, signIn } = await setUp(t, { env: { AUTH_CACHE_MS: '0' } });
  provider.accounts.set('u-1', { ...ada, role: 'owner' });
  const refused = await signIn('u-1');
  assert.deepEqual([refused.status, refused.body.title], [403, 'The account has no role here']);
  provider.accounts.set('u-1', ada);
  const { token } = (await signIn('u-1')).body;
  assert.equal((await directory.call('GET /me', token)).status, 200);
  provider.accounts.set('u-1', { ...ada, role: undefined });
  assert.equal((await signIn('u-1')).status, 403);
  assert.equal((await directory.call('GET /me', token)).status, 401);
});

test('a disabled person gets 403, and stays disabled', async (t) => {
  const { provider, directory, signIn } = await setUp(t);
  const key = await directory.createKey('tests', 'administrator');
  provider.accounts.set('u-1', ada);
  const { id } = (await signIn('u-1')).body.person;
  await directory.call(`PATCH /people/${id}`, key, { isDisabled: true });
  const refused = await signIn('u-1');
  assert.deepEqual([refused.status, refused.body.title], [403, 'The account is disabled']);
  const { people } = (await directory.call('GET /people', key)).body;
  assert.equal(people[0].isDisabled, true);
});

test('state, nonce, issuer, code and ticket must belong to the same sign-in, which works once', async (t) => {
  const { provider, directory, visit, finish } = await setUp(t);
  const stranger = await startProvider(t, { redirectUri });
  for (const { accounts } of [provider, stranger]) accounts.set('u-1', ada);
  const begin = async () => (await directory.call('POST /sessions/openid/begin')).body;
  const changed = async (change: (query: URLSearchParams) => void) => {
    const { ticket, query } = await visit('u-1');
    change(query);
    return { ticket, query };
  };
  const attempts: Record<string, () => Promise<{ ticket: string; query: URLSearchParams }>> = {
    'a wrong state': () => changed((query) => query.set('state', 'x')),
    'no state': () => changed((query) => query.delete('state')),
    'a wrong nonce': () => visit('u-1', (url) => url.searchParams.set('nonce', 'x')),
    'a foreign issuer': () => changed((query) => query.set('iss', stranger.issuer)),
    'no issuer': () => changed((query) => query.delete('iss')),
    'a wrong code': () => changed((query) => query.set('code', 'x')),
    'an error of the provider': () =>
      changed((query) => {
        query.delete('code');
        query.set('error', 'access_denied');
      }),
    'the code challenge of another one': () =>
      visit('u-1', (url) => url.searchParams.set('code_challenge', 'x'.repeat(43))),
    'the ticket of another browser': async () => ({
      ticket: (await begin()).ticket,
      query: (await visit('u-1')).query,
    }),
    'a ticket that nobody sealed': async () => ({ ticket: 'a.b.c.d.e', query: (await visit('u-1')).query }),
    'the code of a foreign provider': async () => {
      const { ticket, url } = await begin();
      const abroad = new URL(url);
      const returned = await signInAtProvider(`${stranger.issuer}${abroad.pathname}${abroad.search}`, 'u-1');
      returned.searchParams.set('iss', provider.issuer);
      return { ticket, query: returned.searchParams };
    },
  };
  for (const [what, attempt] of Object.entries(attempts)) {
    const { status, headers, body } = await finish(await attempt());
    assert.deepEqual([status, body.title], [401, 'The sign-in has failed'], what);
    assert.match(headers.get('www-authenticate') ?? '', /^Bearer/);
  }
  const good = await visit('u-1');
  assert.equal((await finish(good)).status, 201);
  assert.equal((await finish(good)).status, 401, 'a code works once');
  const key = await directory.createKey('tests', 'administrator');
  assert.equal((await directory.call('GET /people', key)).body.people.length, 1);
});

test('a provider that does not answer gives 503, and is asked again later', async (t) => {
  const { provider, directory, visit, finish } = await setUp(t);
  provider.accounts.set('u-1', ada);
  const begun = await visit('u-1');
  await provider.stop();
  const answer = await finish(begun);
  assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5'], JSON.stringify(answer.body));
  assert.equal((await directory.call('GET /health')).status, 200);
});

test('the database keeps no token of the provider, and the routes answer 404 without one', async (t) => {
  const { provider, directory, signIn } = await setUp(t);
  provider.accounts.set('u-1', ada);
  assert.equal((await signIn('u-1')).status, 201);
  const [identity] = await directory.database.use((connection) => connection.all('SELECT * FROM identities'));
  assert.deepEqual(Object.keys(identity ?? {}), ['id', 'issuer', 'subject', 'person_id', 'created_at']);
  const without = await startDirectory(t);
  assert.equal((await without.call('POST /sessions/openid/begin')).status, 404);
  const body = { ticket: 'a', query: 'b' };
  assert.equal((await without.call('POST /sessions/openid', undefined, body)).status, 404);
});
