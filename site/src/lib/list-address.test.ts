import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listAddress, wayBack } from './list-address.ts';

test('the list’s own parameters survive, in the reader’s language', () => {
  assert.equal(listAddress('http://host/?q=souza&sort=-name&limit=25', 'en'), '/?q=souza&sort=-name&limit=25');
  assert.equal(listAddress('/pt-br/?q=souza', 'en'), '/?q=souza');
  assert.equal(listAddress('http://host/pt-br', 'pt-br'), '/pt-br/');
});

test('any other address is no way back', () => {
  for (const text of [null, '', '/users/1', 'http://host/create', '//host/system', 'x'.repeat(5_000)]) {
    assert.equal(listAddress(text, 'en'), undefined, String(text));
  }
  assert.equal(listAddress('/?back=//evil.example&lang=pt-br', 'en'), '/');
});

test('the parameter of the page comes before the Referer, and the whole list is the last choice', () => {
  const headers = new Headers({ referer: 'http://host/?q=referer' });
  assert.equal(wayBack(new URL('http://host/users/1?back=/%3Fq%3Dback'), headers, 'en'), '/?q=back');
  assert.equal(wayBack(new URL('http://host/users/1'), headers, 'pt-br'), '/pt-br/?q=referer');
  assert.equal(wayBack(new URL('http://host/users/1'), new Headers(), 'en'), '/');
});
