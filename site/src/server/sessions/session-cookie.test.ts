import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AstroCookies } from 'astro';
import { sessionTokenOf, setSessionCookie } from './session-cookie.ts';

const token = `cads_${'0'.repeat(16)}_${'a'.repeat(43)}`;
const other = `cads_${'1'.repeat(16)}_${'b'.repeat(43)}`;

test('takes the token of the cookie that fits the connection', () => {
  assert.equal(sessionTokenOf(`theme=dark; cadastro-session=${token}`, false), token);
  assert.equal(sessionTokenOf(`__Host-cadastro-session=${token}; lang=en`, true), token);
  // A page without TLS, or another host of the domain, may have set a cookie without the prefix.
  assert.equal(sessionTokenOf(`cadastro-session=${token}`, true), undefined);
  assert.equal(sessionTokenOf(`__Host-cadastro-session=${token}`, false), undefined);
});

test('takes no other text for a token, and no token where there are two', () => {
  for (const text of [
    undefined,
    '',
    'cadastro-session=',
    `cadastro-session=${token}x`,
    `cadastro-session=${token.replace('cads', 'cadk')}`,
    `cadastro-session="${token}"`,
    `xcadastro-session=${token}`,
    `cadastro-session=${token}; cadastro-session=${other}`,
  ]) {
    assert.equal(sessionTokenOf(text, false), undefined, text);
  }
  assert.equal(sessionTokenOf(`cadastro-session=${token}; cadastro-session=${token}`, false), token);
});

test('hides the cookie from scripts and other sites, and keeps it to TLS where there is TLS', () => {
  const calls: unknown[][] = [];
  const cookies = { set: (...call: unknown[]) => calls.push(call) } as unknown as AstroCookies;
  for (const isSecure of [false, true]) setSessionCookie(cookies, isSecure, token, '2026-01-02T03:04:05.000Z');
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', expires: new Date('2026-01-02T03:04:05Z') };
  assert.deepEqual(calls, [
    ['cadastro-session', token, { ...attributes, secure: false }],
    ['__Host-cadastro-session', token, { ...attributes, secure: true }],
  ]);
});
