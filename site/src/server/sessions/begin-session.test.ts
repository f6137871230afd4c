import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressAfterSignIn, signInAddress } from './begin-session.ts';

test('goes on to the address that the visitor asked for', () => {
  for (const address of [
    '/users/5',
    '/pt-br/create',
    '/?q=a%26b&sort=-name',
    '/import/AAAAAAAAAAAAAAAAAAAAAA/columns',
  ]) {
    const page = new URL(signInAddress('en', address), 'http://site.test');
    const next = page.searchParams.get('next');
    assert.equal(addressAfterSignIn(next, 'en'), address);
  }
  assert.equal(signInAddress('pt-br', '/pt-br/'), '/pt-br/sign-in');
});

test('never leaves the site, and does not go in circles', () => {
  for (const text of [
    null,
    '',
    '//evil.example/',
    '/\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    'https://evil.example/users/1',
    'javascript:alert(1)',
    '/sign-out',
    '/pt-br/sign-in?next=%2Fsign-in',
    '/api/users',
  ]) {
    const address = addressAfterSignIn(text, 'pt-br');
    assert.ok(address === '/pt-br/' || address === '/evil.example', `${text} leads to ${address}`);
    assert.equal(new URL(address, 'http://site.test').host, 'site.test');
  }
});
