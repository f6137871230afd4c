/** Log lines have ids of users, and never names or addresses, whatever level is written and whatever fails. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { AuthApi } from './support/auth.ts';
import { startRouter } from './support/router.ts';

const person = { name: 'Zacharias Quill', email: 'zacharias.quill@secret.example' };
const trace = /zacharias|quill/i;

it('says which user each request is about, without a name or an address', async (test) => {
  const router = await startRouter({ env: { LOG_LEVEL: 'DEBUG', ROUTER_LOG_LEVEL: 'DEBUG' } });
  test.after(() => router.stop());
  const send = async (method: string, path: string, body?: unknown, type = 'application/json') => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const headers = { 'content-type': type, 'idempotency-key': `${method}-${Math.random()}` };
    const response = await fetch(router.url + path, { method, ...(body !== undefined && { body: text, headers }) });
    await response.text();
    return response.status;
  };
  const search = 'q=Zacharias+Quill';
  const statuses = [
    await send('POST', '/users', person),
    await send('POST', '/users', person),
    await send('POST', '/users', { ...person, email: 'Zacharias Quill' }),
    await send('POST', '/users', { ...person, 'Zacharias Quill': 1 }),
    await send('POST', '/users', '{"name":"Zacharias Quill"'),
    await send('POST', '/users', 'Zacharias Quill', 'text/plain'),
    await send('GET', '/users/1'),
    await send('GET', `/users?${search}`),
    await send('GET', `/users?${search}&limit=0`),
    await send('GET', `/users/none?${search}`),
    await send('GET', `/nowhere?${search}`),
    await send('GET', `/users/1/history?${search}`),
    await send('GET', '/users/1/history'),
    await send('PATCH', '/users/1', { name: 'Quill' }),
    await send('PUT', '/users/1', { ...person, name: 'Quill Z' }),
    await send('POST', '/users/1/history/2/restore'),
    await send('POST', '/users/batch', { users: [person, { name: 'Zacharias', email: 'x' }], existing: 'update' }),
    await send('DELETE', '/users/1'),
    await send('GET', `/users/bin?${search}`),
    await send('POST', '/users/bin/restore', { ids: [1] }),
    await send('POST', '/users/batch-delete', { q: 'Zacharias Quill' }),
    await send('DELETE', '/users/bin/1'),
  ];
  assert.deepEqual(
    statuses,
    [201, 409, 400, 400, 400, 415, 200, 200, 400, 400, 404, 400, 200, 200, 200, 200, 200, 204, 200, 200, 200, 204],
  );
  await router.logged(({ message }) => message === 'User erased');
  const messages = router.logs.map(({ message }) => message);
  for (const message of ['User created', 'User updated', 'User deleted', 'Users restored']) {
    assert.ok(messages.includes(message), message);
  }
  assert.equal(router.logs.find(({ message }) => message === 'User created')?.id, 1);
  assert.deepEqual(
    router.logs.filter((line) => trace.test(JSON.stringify(line))),
    [],
  );
});

it('says who signs in and whom an administrator invites or changes by ids alone', async (test) => {
  const auth = new AuthApi({}, { AUTH_CACHE_MS: '0', LOG_LEVEL: 'DEBUG', ROUTER_LOG_LEVEL: 'DEBUG' });
  await auth.start();
  test.after(() => auth.stop());
  let errors = '';
  auth.router.process.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  await auth.addPerson(person.name, 'administrator');
  const { name, email } = person;
  const secrets = ['quill quill quill quill', 'zacharias secret word', 'quill wrong password'];
  const [first = '', second = '', wrong = ''] = secrets;
  const token = await auth.signIn(name);
  const key = await auth.createKey('quill script', 'administrator');
  const invited = await auth.call('POST /people', token, { name: 'Quill Guest', email, role: 'editor' });
  const link = invited.body.link.token;
  const { id } = invited.body.person;
  const statuses = [
    await auth.call('POST /people', token, { name: 'Quill Guest', email, role: 'editor' }),
    await auth.call('POST /people', token, { name, email: 'Zacharias Quill', role: 'Quill' }),
    await auth.call('POST /links/read', undefined, { token: link }),
    await auth.call('POST /links/use', undefined, { token: link, password: first }),
    await auth.call('POST /links/use', undefined, { token: link, password: first }),
    await auth.call('POST /sessions', undefined, { name: 'Quill Guest', password: first }),
    await auth.call('POST /sessions', undefined, { name: 'Quill Guest', password: wrong }),
    await auth.call('POST /sessions', undefined, { name: 'Quill Nobody', password: wrong }),
    await auth.call('PATCH /people/99?q=Quill', token, { name: 'Zacharias' }),
    await auth.call(`PATCH /people/${id}`, token, { name: 'Zacharias Guest', email: `x${email}` }),
    await auth.call(`POST /people/${id}/links`, token),
    await auth.call('GET /people?q=Quill', token),
    await auth.call('PUT /me/password', token, { currentPassword: wrong, newPassword: second }),
    await auth.call('POST /users', key, person),
    await auth.call('POST /users', token, person),
    await auth.call('GET /me', `${token}x`),
    await auth.call('DELETE /sessions/current', token),
    await auth.call('GET /me', token),
  ].map(({ status }) => status);
  const [taken, invalid, ...rest] = statuses;
  assert.deepEqual([taken, invalid], [409, 400]);
  assert.deepEqual(rest, [200, 200, 404, 201, 401, 401, 404, 200, 201, 400, 403, 201, 409, 401, 204, 401]);
  await auth.router.logged(({ message }) => message === 'User created');
  const messages = auth.router.logs.map(({ message }) => message);
  const expected = ['Signed in', 'Person invited', 'Password chosen by a link', 'Person changed', 'Link made'];
  for (const message of expected) assert.ok(messages.includes(message), message);
  assert.equal(auth.router.logs.find(({ message }) => message === 'Person invited')?.by, '1');
  const printed = auth.router.logs.map((line) => JSON.stringify(line));
  const isSecret = (line: string) => trace.test(line) || [token, key, link].some((one) => line.includes(one));
  assert.deepEqual([...printed, errors].filter(isSecret), []);
});
