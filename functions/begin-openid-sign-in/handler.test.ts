import assert from 'node:assert/strict';
import { it } from 'node:test';
import { call } from '#lib/testing/accounts.ts';

const { handler } = await import('./handler.ts');

// infra/tests/contract/openid.test.ts has a provider.
it('answers 404 where no provider is configured', async () => {
  const { status, body } = await call(handler, 'begin-openid-sign-in');
  assert.deepEqual([status, body.title], [404, 'OpenID Connect is off']);
});
