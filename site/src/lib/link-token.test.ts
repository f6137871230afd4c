import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkTo, tokenIn } from './link-token.ts';

const token = `cadl_${'0'.repeat(16)}_${'a-_'.repeat(14)}a`;

test('finds the token in a link, alone, and in a sentence', () => {
  for (const text of [token, linkTo('https://site.test/pt-br/link', token), ` Here: ${token}.`, `<${token}>`]) {
    assert.equal(tokenIn(text), token);
  }
  for (const text of ['', 'cadl_', token.slice(0, -1), `${token}x`, token.replace('cadl', 'cads')]) {
    assert.equal(tokenIn(text), undefined);
  }
});

test('puts the token where browsers send it to no server', () => {
  const url = new URL(linkTo('https://site.test/link', token));
  assert.deepEqual([url.pathname, url.search, url.hash], ['/link', '', `#${token}`]);
});
