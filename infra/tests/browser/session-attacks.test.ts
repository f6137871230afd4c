/** Attacks on sessions, sign-in and sign-out of the site, each of which must be refused. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AuthApi, password } from '../support/auth.ts';
import { type Site, startSite } from '../support/site.ts';
import { type SiteResponse, type Visit, visitorOf } from '../support/site-visitor.ts';

const crossSite: Record<string, string>[] = [
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  { 'sec-fetch-site': 'same-site', origin: 'https://other.example' },
];

/** The forms of both buttons that sign out. */
const signOutForms: Record<string, string>[] = [{}, { everywhere: 'yes' }];

describe('attacks on sessions of the site', () => {
  const auth = new AuthApi({}, { AUTH_CACHE_MS: '0', TRUSTED_PROXIES: '127.0.0.1' });
  let site: Site;
  let ask: (path: string, visit?: Visit) => Promise<SiteResponse>;
  let address = 0;

  /** @returns the headers of a visitor whose address has not failed yet, behind the trusted proxy */
  const newAddress = () => ({ 'x-forwarded-for': `192.0.2.${++address}` });
  const signIn = (name: string, given = password, visit: Visit = {}) =>
    ask('/sign-in', { headers: newAddress(), ...visit, form: { name, password: given, ...visit.form } });
  /** Signs in. @returns the Cookie header */
  async function sessionOf(name: string): Promise<string> {
    const { status, session } = await signIn(name);
    assert.deepEqual([status, typeof session], [303, 'string']);
    return session as string;
  }
  const isSignedIn = async (cookie: string | undefined) => (await ask('/account', { cookie })).status === 200;

  before(async () => {
    await auth.start();
    for (const name of ['Reader', 'Target', 'Other']) await auth.addPerson(name, 'reader');
    site = await startSite({
      AUTH: 'on',
      API_URL: auth.router.url,
      STATUS_URL: auth.router.statusUrl,
      TRUSTED_PROXIES: '127.0.0.1',
      // A busy machine may take its time.
      SITE_API_TIMEOUT_MS: '120000',
    });
    ask = visitorOf(site.url);
  });
  after(async () => {
    await site.stop();
    await auth.stop();
  });

  it('gives each sign-in a new token, whatever cookie the browser had before (session fixation)', async () => {
    const planted = `cadastro-session=cads_${'0'.repeat(16)}_${'a'.repeat(43)}`;
    const ofAttacker = await sessionOf('Other');
    for (const cookie of [planted, ofAttacker]) {
      const { session } = await signIn('Reader', password, { cookie });
      assert.notEqual(session, cookie);
      assert.equal(await isSignedIn(session), true);
      assert.equal(await isSignedIn(cookie), false, 'the token from before the sign-in works no more');
    }
    const own = await sessionOf('Reader');
    assert.equal(await isSignedIn(`${own}; ${await sessionOf('Other')}`), false, 'two tokens are none');
  });

  it('signs nobody in or out for another site (CSRF)', async () => {
    const cookie = await sessionOf('Reader');
    for (const headers of crossSite) {
      const signedIn = await ask('/sign-in', { headers, form: { name: 'Other', password } });
      assert.deepEqual([signedIn.status, signedIn.session], [403, undefined], JSON.stringify(headers));
      for (const form of signOutForms) {
        assert.equal((await ask('/sign-out', { cookie, headers, form })).status, 403);
      }
      assert.equal((await ask('/account', { cookie, headers, form: { current: password } })).status, 403);
    }
    assert.equal((await ask('/sign-out', { cookie })).status, 404, 'a link or a picture signs nobody out');
    assert.equal(await isSignedIn(cookie), true);
  });

  it('leads to no other site after a sign-in (open redirect)', async () => {
    const foreign = [
      '//evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      'https://evil.example',
      '/.//evil.example',
    ];
    for (const next of foreign) {
      const { status, headers } = await signIn('Reader', password, { form: { next } });
      assert.equal(status, 303);
      assert.equal(new URL(headers.get('location') ?? '', site.url).origin, site.url, next);
    }
    const asked = await ask(`//evil.example/%2f..`);
    assert.ok(asked.status !== 303 || new URL(asked.headers.get('location') ?? '', site.url).origin === site.url);
  });

  it('makes a visitor who guesses wait, also with other names and forged addresses, and nobody else', async () => {
    const guesser = newAddress();
    const statuses: number[] = [];
    for (let guess = 0; guess < 45 && !statuses.includes(429); guess++) {
      // Only the last address in the header comes from the proxy.
      const headers = { 'x-forwarded-for': `198.51.100.${guess}, ${guesser['x-forwarded-for']}` };
      statuses.push((await ask('/sign-in', { headers, form: { name: `Guess ${guess}`, password: 'wrong' } })).status);
    }
    assert.deepEqual([...new Set(statuses)], [422, 429]);
    const paused = await ask('/sign-in', { headers: guesser, form: { name: 'Reader', password } });
    assert.deepEqual([paused.status, paused.session], [429, undefined]);
    assert.match(paused.headers.get('retry-after') ?? '', /^\d+$/);
    assert.match(paused.text, /Try again in \d+ seconds?\./);
    await sessionOf('Reader');
  });

  it('tells by no text and by no time whether an account exists (enumeration)', async () => {
    await auth.addPerson('Known', 'reader');
    const attempt = async (name: string) => {
      const begun = performance.now();
      const { status, text } = await signIn(name, 'wrong');
      // Each page may carry one script by another hash, and the name that was typed.
      return { page: [status, text.replaceAll(name, 'NAME')], milliseconds: performance.now() - begun };
    };
    const [known, unknown] = [await attempt('Known'), await attempt('Nobody')];
    assert.deepEqual(known.page, unknown.page);
    // Without the work of a hash, an unknown name would take a tenth. The bounds are wide for a busy machine.
    const fastest = async (name: string) =>
      Math.min(...[await attempt(name), await attempt(name)].map((a) => a.milliseconds));
    const ratio = (await fastest('Nobody 2')) / (await fastest('Known'));
    assert.ok(ratio > 0.1 && ratio < 10, `ratio ${ratio}`);
  });

  it('takes no role from a form (mass assignment)', async () => {
    const extra = { role: 'administrator', isDisabled: 'false', id: '1', kind: 'person' };
    const { session } = await signIn('Reader', password, { form: extra });
    const change = { current: password, new: password, repeated: password, ...extra };
    assert.equal((await ask('/account', { cookie: session, form: change })).status, 303);
    const me = await auth.call('GET /me', session?.split('=')[1]);
    assert.equal(me.body.role, 'reader');
    assert.match((await ask('/account', { cookie: session })).text, />Reader</);
  });

  it('refuses a stolen cookie after sign-out, on every route', async () => {
    for (const form of signOutForms) {
      const stolen = await sessionOf('Reader');
      assert.equal((await ask('/api/users', { cookie: stolen })).status, 200);
      const out = await ask('/sign-out', { cookie: stolen, form });
      assert.deepEqual([out.status, out.headers.get('location')], [303, '/sign-in?out']);
      assert.match(out.headers.get('set-cookie') ?? '', /^cadastro-session=deleted; .*HttpOnly/);
      for (const path of ['/', '/users/1', '/account', '/system', '/import']) {
        const { status, headers } = await ask(path, { cookie: stolen });
        assert.deepEqual([status, headers.get('location')?.split('?')[0]], [303, '/sign-in'], path);
        // After the next sign-in the Back button would follow a kept redirect back and forth.
        assert.equal(headers.get('cache-control'), 'private, no-store', path);
      }
      for (const path of ['/api/users', '/events', '/export.csv', `/import/${'A'.repeat(22)}/rejected`]) {
        assert.equal((await ask(path, { cookie: stolen })).status, 401, path);
      }
      const posted = await ask('/create', { cookie: stolen, form: { name: 'X', email: 'x@example.com' } });
      assert.equal(posted.status, 401);
    }
  });

  it('does not say that all sessions have ended when an ended one asks for it', async () => {
    const [ended, other] = [await sessionOf('Reader'), await sessionOf('Reader')];
    await ask('/sign-out', { cookie: ended, form: {} });
    const out = await ask('/sign-out', { cookie: ended, form: { everywhere: 'yes' } });
    assert.deepEqual([out.status, out.headers.get('location')], [303, '/sign-in?next=%2Faccount']);
    assert.equal(await isSignedIn(other), true);
    assert.match((await ask('/sign-in?next=%2Faccount', { cookie: ended })).text, /Your session has ended\./);
  });

  it('passes on no credential but that of the cookie', async () => {
    const key = await auth.createKey('root', 'administrator');
    const headers = { authorization: `Bearer ${key}`, 'x-api-key': key, 'x-session-token': key };
    assert.equal((await ask('/api/users', { headers })).status, 401);
    assert.equal((await ask('/', { headers })).status, 303);
    assert.equal((await ask('/', { cookie: `cadastro-session=${key}` })).status, 303);
  });

  it('binds the cookie to TLS where a trusted proxy ends it, and keeps no page in caches', async () => {
    const https = { 'x-forwarded-proto': 'https', ...newAddress() };
    const { session, headers } = await ask('/sign-in', { headers: https, form: { name: 'Reader', password } });
    assert.match(
      headers.get('set-cookie') ?? '',
      /^__Host-cadastro-session=cads_[\w-]+; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    );
    const page = await ask('/account', { cookie: session, headers: https });
    assert.deepEqual([page.status, page.headers.get('cache-control')], [200, 'private, no-store']);
    assert.equal(await isSignedIn(session), false, 'the cookie of TLS does not count without it');
    assert.equal(page.text.includes(session?.split('=')[1] ?? ''), false);
  });

  it('keeps the cookie of a session that could not be ended, shows no page meanwhile, and says so', async () => {
    const cookie = `cadastro-session=cads_${'0'.repeat(16)}_${'a'.repeat(43)}`;
    const alone = await startSite({ AUTH: 'on', API_URL: 'http://127.0.0.1:1', STATUS_URL: 'http://127.0.0.1:1' });
    try {
      const visit = visitorOf(alone.url);
      const out = await visit('/sign-out', { cookie, form: {} });
      assert.deepEqual([out.status, out.headers.get('set-cookie')], [503, null]);
      assert.match(out.text, /The server cannot be reached\./);
      const page = await visit('/system?x=1', { cookie });
      assert.equal(page.status, 503);
      assert.match(page.text, /The server cannot say who you are.*href="\/system\?x=1"/s);
      assert.equal((await visit('/events', { cookie })).status, 503);
    } finally {
      await alone.stop();
    }
  });
});
