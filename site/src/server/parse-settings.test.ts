import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSettings, SettingsError } from './parse-settings.ts';

test('every setting has a default', () => {
  const { host, port, apiUrl, statusUrls } = parseSettings({});
  assert.deepEqual(
    [host, port, apiUrl.href, statusUrls.join()],
    ['127.0.0.1', 8501, 'http://127.0.0.1:8080/', 'http://127.0.0.1:3002/'],
  );
});

test('an empty setting counts as unset', () => {
  assert.equal(parseSettings({ SITE_PORT: '' }).port, 8501);
});

test('the error names every invalid setting in one line', () => {
  const environment = { SITE_PORT: '99999', API_URL: 'ftp://x', STATUS_URL: 'nowhere', HOST: 'a b' };
  assert.throws(
    () => parseSettings(environment),
    (error) =>
      error instanceof SettingsError &&
      Object.keys(environment).every((name) => error.message.includes(name)) &&
      !error.message.includes('\n'),
  );
});

test('the site answers to the host of PUBLIC_URL, which has no path', () => {
  const { publicUrl, allowedHosts } = parseSettings({ PUBLIC_URL: 'https://Users.example.com', ALLOWED_HOSTS: 'site' });
  assert.deepEqual([publicUrl?.href, allowedHosts], ['https://users.example.com/', ['site', 'users.example.com']]);
  for (const PUBLIC_URL of ['users.example.com', 'ftp://a.example', 'https://a.example/x', 'https://me:pw@a.example']) {
    assert.throws(() => parseSettings({ PUBLIC_URL }), /PUBLIC_URL is not an address without a path/);
  }
});

test('the headers may not take longer than the whole request', () => {
  assert.equal(parseSettings({ REQUEST_TIMEOUT_MS: '3000' }).headersTimeoutMs, 3_000);
});

test('lists hold host names and proxies, and name the one that is wrong', () => {
  const { allowedHosts, trustedProxies } = parseSettings({
    ALLOWED_HOSTS: 'site, .example.com,',
    TRUSTED_PROXIES: '10.0.0.0/8,balancer',
  });
  assert.deepEqual(
    [allowedHosts, trustedProxies],
    [
      ['site', '.example.com'],
      ['10.0.0.0/8', 'balancer'],
    ],
  );
  assert.throws(() => parseSettings({ ALLOWED_HOSTS: 'site,http://a' }), /ALLOWED_HOSTS.*"http:\/\/a"/);
  assert.throws(() => parseSettings({ TRUSTED_PROXIES: '10.0.0.0/64' }), /TRUSTED_PROXIES.*"10.0.0.0\/64"/);
});
