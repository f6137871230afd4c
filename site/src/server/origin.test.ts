import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPermitted } from './origin.ts';

const host = 'example.com:8501';

test('every site may read pages', () => {
  assert.ok(isPermitted('GET', '/', { host, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }));
});

test('this site’s own pages and non-browsers may change something', () => {
  assert.ok(isPermitted('POST', '/', { host, 'sec-fetch-site': 'same-origin' }));
  assert.ok(isPermitted('POST', '/', { host, origin: 'http://example.com:8501' }));
  assert.ok(isPermitted('POST', '/', { host, origin: 'https://example.com:8501' }), 'behind a proxy that ends TLS');
  assert.ok(isPermitted('DELETE', '/', { host }), 'a client that is not a browser');
});

test('pages of other sites may not', () => {
  assert.ok(!isPermitted('POST', '/', { host, 'sec-fetch-site': 'cross-site', origin: 'http://example.com:8501' }));
  assert.ok(!isPermitted('POST', '/', { host, 'sec-fetch-site': 'same-site' }));
  assert.ok(!isPermitted('PUT', '/', { host, origin: 'http://example.com' }));
  assert.ok(!isPermitted('DELETE', '/', { host, origin: 'null' }));
  assert.ok(!isPermitted('POST', '/', { origin: 'http://example.com' }));
  assert.ok(!isPermitted('POST', '/', { host, origin: 'ftp://example.com:8501' }));
});

test('a page without TLS may not change a site with TLS', () => {
  const proto = (value: string) => ({ host, 'x-forwarded-proto': value });
  assert.ok(isPermitted('POST', '/', { ...proto('https'), origin: 'https://example.com:8501' }));
  assert.ok(!isPermitted('POST', '/', { ...proto('https'), origin: 'http://example.com:8501' }));
  assert.ok(!isPermitted('POST', '/', { ...proto('http'), origin: 'https://example.com:8501' }));
});

test('only this site’s own pages and non-browsers may hold an event stream', () => {
  assert.ok(isPermitted('GET', '/events', { host, 'sec-fetch-site': 'same-origin' }));
  assert.ok(isPermitted('GET', '/events', { host }));
  assert.ok(!isPermitted('GET', '/events', { host, 'sec-fetch-site': 'cross-site' }));
  assert.ok(!isPermitted('GET', '/events', { host, 'sec-fetch-site': 'same-site' }));
  assert.ok(!isPermitted('GET', '/events', { host, origin: 'http://evil.example' }));
});
