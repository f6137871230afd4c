import assert from 'node:assert/strict';
import { it } from 'node:test';
import { call, keyCaller } from '#lib/testing/accounts.ts';

const { handler } = await import('./handler.ts');

it('tells id, name and role of the person who calls', async () => {
  const { status, headers, body } = await call(handler, 'who-am-i');
  assert.equal(status, 200);
  assert.equal(headers['cache-control'], 'no-store');
  assert.deepEqual(body, { kind: 'person', id: '1', name: 'Ada Lovelace', role: 'administrator' });
});

it('tells the key that calls', async () => {
  const { body } = await call(handler, 'who-am-i', { caller: { ...keyCaller, role: 'reader' } });
  assert.deepEqual(body, { kind: 'key', id: keyCaller.id, name: 'script', role: 'reader' });
});

it('calls everybody anonymous while AUTH is off', async () => {
  const { status, body } = await call(handler, 'who-am-i', { caller: null });
  assert.equal(status, 200);
  assert.deepEqual(body, { kind: 'anonymous', id: null, name: null, role: null });
});
