import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressesOf, routerEnvironment, siteEnvironment } from './settings.ts';

test('the site calls API and status server where their settings put them', () => {
  const env = siteEnvironment({ PORT: '9080', STATUS_HOST: '127.0.0.2', STATUS_PORT: '9002' });
  assert.equal(env.API_URL, 'http://127.0.0.1:9080');
  assert.equal(env.STATUS_URL, 'http://127.0.0.2:9002');
});

test('the site has no status server where STATUS_PORT is 0', () => {
  assert.equal('STATUS_URL' in siteEnvironment({ STATUS_PORT: '0' }), false);
});

test('an API that listens at all addresses is called over loopback', () => {
  assert.equal(addressesOf({ HOST: '0.0.0.0' }).api, 'http://127.0.0.1:8080');
});

test('the router trusts the site with the addresses of its visitors, beside other proxies', () => {
  assert.equal(routerEnvironment({ HOST: '0.0.0.0' }).TRUSTED_PROXIES, '127.0.0.1');
  const { TRUSTED_PROXIES } = routerEnvironment({ HOST: '192.0.2.1', TRUSTED_PROXIES: '10.0.0.0/8' });
  assert.equal(TRUSTED_PROXIES, '10.0.0.0/8,192.0.2.1');
});
