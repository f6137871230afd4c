import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings, SettingsError } from './parse-settings.ts';

test('has defaults for everything', () => {
  const { host, port, apiUrl, controlUrl } = readSettings({});
  assert.deepEqual(
    [host, port, apiUrl.href, controlUrl.href],
    ['127.0.0.1', 8501, 'http://127.0.0.1:8080/', 'http://127.0.0.1:3001/'],
  );
});

test('takes the cache for Redis where the functions are told of one', () => {
  assert.equal(readSettings({}).redis, false);
  assert.equal(readSettings({ REDIS_URL: 'redis://redis:6379' }).redis, true);
  assert.equal(readSettings({ SITE_CACHE: 'redis' }).redis, true);
  assert.throws(() => readSettings({ SITE_CACHE: 'memcached' }), /SITE_CACHE/);
});

test('takes an empty setting as unset', () => {
  assert.equal(readSettings({ SITE_PORT: '' }).port, 8501);
});

test('names every wrong setting in one line', () => {
  const environment = { SITE_PORT: '99999', API_URL: 'ftp://x', CONTROL_URL: 'nowhere', HOST: 'a b' };
  assert.throws(
    () => readSettings(environment),
    (error) =>
      error instanceof SettingsError &&
      Object.keys(environment).every((name) => error.message.includes(name)) &&
      !error.message.includes('\n'),
  );
});
