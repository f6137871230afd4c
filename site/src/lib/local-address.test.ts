import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../../infra/tests/support/property.ts';
import { localAddress } from './local-address.ts';

test('an address of this site stays as it is', () => {
  for (const address of ['/', '/users/1', '/pt-br/?q=a%20b&sort=-id#top', '/a//b']) {
    assert.equal(localAddress(address), address);
  }
});

test('an address of another site becomes the first page', () => {
  for (const address of [
    '',
    'users',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\t\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '//[',
  ]) {
    assert.equal(localAddress(address), '/', JSON.stringify(address));
  }
  assert.equal(localAddress('/.//evil.example'), '/evil.example');
  assert.equal(localAddress('/..//evil.example'), '/evil.example');
});

test('whatever the text is, a browser stays on the site', async () => {
  const site = 'https://site.example';
  const piece = fc.oneof(
    fc.constantFrom('/', '\\', '\t', '\n', '\r', '.', '..', '//', '@', ':', '%2f', 'evil.example'),
    fc.string(),
  );
  await holds(
    fc.property(fc.array(piece), (pieces) => {
      const address = localAddress(pieces.join(''));
      assert.match(address, /^\/(?!\/)[!-~]*$/);
      assert.equal(new URL(address, site).origin, site);
    }),
  );
});
