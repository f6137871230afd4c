/** Log lines have ids of users, and never names or addresses, whatever level is written and whatever fails. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
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
