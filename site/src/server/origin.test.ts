import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwnOrigin } from './origin.ts';

const host = 'example.com:8501';

test('reading is for everybody', () => {
  assert.ok(isOwnOrigin('GET', { host, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }));
});

test('changing is for this site’s own pages', () => {
  assert.ok(isOwnOrigin('POST', { host, 'sec-fetch-site': 'same-origin' }));
  assert.ok(isOwnOrigin('POST', { host, origin: 'http://example.com:8501' }));
  assert.ok(isOwnOrigin('POST', { host, origin: 'https://example.com:8501' }), 'behind a proxy that ends TLS');
  assert.ok(isOwnOrigin('DELETE', { host }), 'a client that is no browser');
});

test('and for nobody else’s', () => {
  assert.ok(!isOwnOrigin('POST', { host, 'sec-fetch-site': 'cross-site', origin: 'http://example.com:8501' }));
  assert.ok(!isOwnOrigin('POST', { host, 'sec-fetch-site': 'same-site' }));
  assert.ok(!isOwnOrigin('PUT', { host, origin: 'http://example.com' }));
  assert.ok(!isOwnOrigin('DELETE', { host, origin: 'null' }));
  assert.ok(!isOwnOrigin('POST', { origin: 'http://example.com' }));
});
