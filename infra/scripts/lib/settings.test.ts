import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressesOf, siteEnvironment } from './settings.ts';

test('the site calls API and control API where their settings put them', () => {
  const env = siteEnvironment({ PORT: '9080', LAMBDA_PORT: '9001' });
  assert.equal(env.API_URL, 'http://127.0.0.1:9080');
  assert.equal(env.CONTROL_URL, 'http://127.0.0.1:9001');
});

test('the site has no control API where LAMBDA_PORT is 0', () => {
  assert.equal('CONTROL_URL' in siteEnvironment({ LAMBDA_PORT: '0' }), false);
});

test('an API that listens at all addresses is called over loopback', () => {
  assert.equal(addressesOf({ HOST: '0.0.0.0' }).api, 'http://127.0.0.1:8080');
});
