/** Accounts over the HTTP API: signing in and out, passwords, invitations, and attacks on them. */
import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { password, withAuthOnEveryStack } from '../support/auth.ts';
import { startRouter } from '../support/router.ts';

withAuthOnEveryStack('accounts over the HTTP API', { AUTH_CACHE_MS: '0' }, (auth) => {
  let administrator: string;

  before(async () => {
    await auth.addPerson('Root', 'administrator');
    administrator = await auth.signIn('root');
  });

  it('shows the caller, and no more of the person who signs in than others may know', async () => {
    const { body, headers } = await auth.call('POST /sessions', undefined, { name: 'ROOT', password });
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.deepEqual(Object.keys(body).sort(), ['expiresAt', 'person', 'token']);
    assert.equal(JSON.stringify(body).includes('hash'), false);
    const me = await auth.call('GET /me', body.token);
    assert.deepEqual(me.body, { kind: 'person', id: String(body.person.id), name: 'Root', role: 'administrator' });
  });

  it('refuses a session token after sign-out, and all of them after sign-out everywhere', async () => {
    await auth.addPerson('Leaver', 'reader');
    const [first, second, third] = [
      await auth.signIn('leaver'),
      await auth.signIn('leaver'),
      await auth.signIn('leaver'),
    ];
    assert.equal((await auth.call('DELETE /sessions/current', first)).status, 204);
    assert.equal((await auth.call('GET /users', first)).status, 401);
    assert.equal((await auth.call('GET /users', second)).status, 200);
    assert.equal((await auth.call('DELETE /sessions', second)).status, 204);
    assert.equal((await auth.call('GET /users', third)).status, 401);
  });

  it('tells nothing about accounts by its answers to a failed sign-in', async () => {
    await auth.addPerson('Known', 'reader');
    const answers = await Promise.all(
      ['Known', 'Unknown'].map(async (name) => {
        const { status, headers, body } = await auth.call('POST /sessions', undefined, { name, password: 'wrong' });
        const { requestId: _, ...problem } = body;
        return { status, challenge: headers.get('www-authenticate'), problem };
      }),
    );
    assert.equal(answers[0]?.status, 401);
    assert.deepEqual(answers[0], answers[1]);
  });

  it('makes whoever guesses wait, whether the account exists or not', async () => {
    await auth.addPerson('Target', 'reader');
    for (const name of ['Target', 'No Target']) {
      const guess = () => auth.call('POST /sessions', undefined, { name, password: 'wrong' });
      const answers = await Promise.all(Array.from({ length: 8 }, guess));
      const refused = answers.filter(({ status }) => status === 429);
      assert.ok(refused.length > 0, answers.map(({ status }) => status).join());
      for (const { headers } of refused) assert.match(headers.get('retry-after') ?? '', /^\d+$/);
    }
  });

  it('lets an administrator invite a person, who chooses a password once', async () => {
    const invitation = { name: 'Guest', email: 'guest@example.com', role: 'editor' };
    const invited = await auth.call('POST /people', administrator, invitation);
    assert.equal(invited.status, 201);
    const { token } = invited.body.link;
    const owner = await auth.call('POST /links/read', undefined, { token });
    assert.deepEqual([owner.body.name, owner.body.isNew], ['Guest', true]);
    const short = await auth.call('POST /links/use', undefined, { token, password: 'short' });
    assert.deepEqual(short.body.errors, [
      { field: 'password', code: 'tooShort', message: 'must have at least 12 characters' },
    ]);
    assert.equal((await auth.call('POST /links/use', undefined, { token, password })).status, 200);
    assert.equal((await auth.call('POST /links/use', undefined, { token, password })).status, 404);
    assert.equal((await auth.call('GET /me', await auth.signIn('Guest'))).body.role, 'editor');
    assert.equal((await auth.call('POST /people', administrator, invitation)).status, 409);
  });

  it('replaces a forgotten password by a link, which ends the sessions of its person', async () => {
    await auth.addPerson('Forgetful', 'reader');
    const old = await auth.signIn('Forgetful');
    const { id } = (await auth.call('GET /me', old)).body;
    const { body } = await auth.call(`POST /people/${id}/links`, administrator);
    const chosen = { token: body.token, password: 'a new long password' };
    assert.equal((await auth.call('POST /links/use', undefined, chosen)).status, 200);
    assert.equal((await auth.call('GET /me', old)).status, 401);
    await auth.signIn('Forgetful', chosen.password);
  });

  it('changes the own password of a person who knows it', async () => {
    await auth.addPerson('Careful', 'reader');
    const token = await auth.signIn('Careful');
    const newPassword = 'a new long password';
    const wrong = await auth.call('PUT /me/password', token, { currentPassword: 'wrong', newPassword });
    assert.deepEqual([wrong.status, wrong.body.errors[0].field], [403, 'currentPassword']);
    const right = { currentPassword: password, newPassword };
    assert.equal((await auth.call('PUT /me/password', token, right)).status, 204);
    await auth.signIn('Careful', newPassword);
  });

  it('lets nobody give themselves a role', async () => {
    await auth.addPerson('Climber', 'reader');
    const token = await auth.signIn('Climber');
    const { id } = (await auth.call('GET /me', token)).body;
    const change = { currentPassword: password, newPassword: password, role: 'administrator' };
    assert.equal((await auth.call('PUT /me/password', token, change)).status, 400);
    assert.equal((await auth.call(`PATCH /people/${id}`, token, { role: 'administrator' })).status, 403);
    assert.equal(
      (await auth.call('POST /sessions', undefined, { name: 'Climber', password, role: 'administrator' })).status,
      400,
    );
    const link = (await auth.call(`POST /people/${id}/links`, administrator)).body;
    const use = { token: link.token, password, role: 'administrator' };
    assert.equal((await auth.call('POST /links/use', undefined, use)).status, 400);
    assert.equal((await auth.call('GET /me', token)).body.role, 'reader');
  });

  it('lists people by name, page by page', async () => {
    for (const name of ['Élodie', 'zoë', 'Émile', 'Anna']) await auth.addPerson(name, 'reader');
    const all = (await auth.call('GET /people', administrator)).body;
    const found: string[] = [];
    for (let cursor = ''; cursor !== null; ) {
      const page = await auth.call(`GET /people?limit=2${cursor && `&cursor=${cursor}`}`, administrator);
      assert.deepEqual([page.status, page.body.total], [200, all.total]);
      found.push(...page.body.people.map(({ name }: { name: string }) => name));
      cursor = page.body.next;
    }
    assert.deepEqual(
      found,
      all.people.map(({ name }: { name: string }) => name),
    );
    assert.deepEqual([all.total, new Set(found).size, all.next], [found.length, found.length, null]);
  });

  it('disables a person at once, changes roles, and keeps the last administrator', async () => {
    await auth.addPerson('Temporary', 'reader');
    const token = await auth.signIn('Temporary');
    const { id } = (await auth.call('GET /me', token)).body;
    assert.equal((await auth.call(`PATCH /people/${id}`, administrator, { role: 'editor' })).body.role, 'editor');
    assert.equal((await auth.call('GET /me', token)).body.role, 'editor');
    assert.equal((await auth.call(`PATCH /people/${id}`, administrator, { isDisabled: true })).status, 200);
    assert.equal((await auth.call('GET /me', token)).status, 401);
    const root = (await auth.call('GET /me', administrator)).body.id;
    const last = await auth.call(`PATCH /people/${root}`, administrator, { role: 'reader' });
    assert.deepEqual([last.status, last.body.type], [409, 'urn:cadastro:problem:last-administrator']);
    const { people, total } = (await auth.call('GET /people', administrator)).body;
    assert.equal(total, people.length);
    assert.equal(people.find(({ name }: { name: string }) => name === 'Temporary').isDisabled, true);
  });
});

it('refuses to make an administrator while AUTH is off, when everybody may call', async () => {
  const router = await startRouter({ env: { AUTH: 'off' } });
  try {
    const response = await fetch(`${router.url}/people`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Mallory', role: 'administrator' }),
    });
    assert.equal(response.status, 403);
    assert.equal(((await response.json()) as { type: string }).type, 'urn:cadastro:problem:accounts-off');
    const me = await (await fetch(`${router.url}/me`)).json();
    assert.deepEqual(me, { kind: 'anonymous', id: null, name: null, role: null });
  } finally {
    await router.stop();
  }
});
