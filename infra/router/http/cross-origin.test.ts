import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCrossOrigin } from './cross-origin.ts';

const host = 'localhost:3001';

for (const [what, headers, expected] of [
  ['an SDK, which sends neither header', {}, false],
  ['a typed address', { 'sec-fetch-site': 'none' }, false],
  ['a page of this origin', { origin: 'http://localhost:3001', 'sec-fetch-site': 'same-origin' }, false],
  ['another port of this machine', { origin: 'http://localhost:8501', 'sec-fetch-site': 'same-site' }, true],
  ['another site', { 'sec-fetch-site': 'cross-site' }, true],
  ['another site in a browser without Sec-Fetch-Site', { origin: 'https://evil.example' }, true],
  ['the same host with another scheme', { origin: 'https://localhost:3001' }, true],
  ['a page of this origin behind TLS', { origin: 'https://localhost:3001', 'sec-fetch-site': 'same-origin' }, false],
  ['a page in a sandbox', { origin: 'null' }, true],
  ['a value that no browser sends', { 'sec-fetch-site': 'same-origin, none' }, true],
] as const) {
  test(`a request of ${what} is ${expected ? 'foreign' : 'not foreign'}`, () => {
    assert.equal(isCrossOrigin({ host, ...headers }), expected);
  });
}
