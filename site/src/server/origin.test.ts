import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSameOrigin } from './origin.ts';

const host = 'example.com:8501';

test('every site may read', () => {
  assert.ok(isSameOrigin('GET', { host, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }));
});

test('this site’s own pages and non-browsers may change something', () => {
  assert.ok(isSameOrigin('POST', { host, 'sec-fetch-site': 'same-origin' }));
  assert.ok(isSameOrigin('POST', { host, origin: 'http://example.com:8501' }));
  assert.ok(isSameOrigin('POST', { host, origin: 'https://example.com:8501' }), 'behind a proxy that ends TLS');
  assert.ok(isSameOrigin('DELETE', { host }), 'a client that is not a browser');
});

test('pages of other sites may not', () => {
  assert.ok(!isSameOrigin('POST', { host, 'sec-fetch-site': 'cross-site', origin: 'http://example.com:8501' }));
  assert.ok(!isSameOrigin('POST', { host, 'sec-fetch-site': 'same-site' }));
  assert.ok(!isSameOrigin('PUT', { host, origin: 'http://example.com' }));
  assert.ok(!isSameOrigin('DELETE', { host, origin: 'null' }));
  assert.ok(!isSameOrigin('POST', { origin: 'http://example.com' }));
});
