import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import * as tr46 from 'tr46';
import { holds } from '../../../infra/tests/support/property.ts';
import { removeInvisible } from '../text.ts';
import { emailFormFault, emailKey } from './email.ts';

it('accepts addresses of the HTML standard, and those of any script', () => {
  for (const email of [
    'printer@localhost',
    'a..b@example.com',
    "o'neill+{x}~`|=?^/*%$#!&@example.com",
    'info@192.168.0.1',
    'अजय@डाटा.भारत',
    '用户@例子。广告',
    'نام\u200cها@example.com',
    'info@☕.example',
    `${'ü'.repeat(32)}@example.com`,
    `a@${'b'.repeat(63)}.example`,
  ]) {
    assert.equal(emailFormFault(email), undefined, email);
  }
});

it('names the part of an address that is wrong', () => {
  const cases: Record<string, string[]> = {
    email: [
      '',
      'ada',
      '@example.com',
      'ada@',
      'a b@example.com',
      '"a"@example.com',
      'a＠b@example.com',
      'a\u00a0b@x.co',
    ],
    localPart: [`${'a'.repeat(65)}@example.com`, `${'ü'.repeat(33)}@example.com`],
    domain: [
      ...['a@b..co', 'a@.co', 'a@b.', 'a@-b.co', 'a@b-.co', 'a@exam ple.com', 'a@[127.0.0.1]', 'a@b.co:80', 'a@b/c'],
      ...['a@b%2ec', 'a@bücher%2e', 'a@bücher/x', 'a@bücher／x', 'a@bücher_x', 'a@b。', `a@${'b'.repeat(64)}`],
      `a@${'ü'.repeat(60)}.${'ö'.repeat(60)}`,
    ],
  };
  for (const [fault, emails] of Object.entries(cases)) {
    for (const email of emails) assert.equal(emailFormFault(email), fault, email);
  }
});

it('compares addresses whatever their case, width, composition and form of the domain', () => {
  for (const [one, other] of [
    ['ADA@Example.COM', 'ada@example.com'],
    ['info@bücher.example', 'INFO@XN--BCHER-KVA.example'],
    ['ΟΔΟΣ@example.com', 'οδος@example.com'],
    ['e\u0301@example.com', 'É@example.com'],
    ['same@example.com', 'sa\u200bme@exam\u202eple.com'],
    ['a@例子。广告', 'a@例子.广告'],
    ['a@bücher.example', 'a@bücher.example\u200e'],
    ['a@１.２', 'a@1.2'],
    ['a@نامه\u200cای.example', 'a@xn--mgba3gch31f060k.example'],
    ['a@क्\u200dष.example', 'a@xn--11b2ezcw70k.example'],
    ['"Mary Ann"@localhost', '"mary ann"@LOCALHOST'],
  ] as const) {
    assert.equal(emailKey(one), emailKey(other), one);
  }
});

it('keeps addresses apart that belong to different mailboxes', () => {
  assert.notEqual(emailKey('x@straße.example'), emailKey('x@strasse.example'));
  assert.equal(emailKey('STRAẞE@example.com'), emailKey('straße@example.com'));
  assert.notEqual(emailKey('x@βόλος.com'), emailKey('x@βόλοσ.com'));
  assert.notEqual(emailKey('x@1.2'), emailKey('x@1.0.0.2'));
  assert.notEqual(emailKey('jurgen@example.com'), emailKey('jürgen@example.com'));
});

it('converts domains as tr46 does', () => {
  const letters = 'aZ0-ßẞςΣéÜøİıﬁ①中日本カ゛한डाटा़क्षजयคำ．。\u00ad\u0301';
  // Node's URL parser and tr46 differ in domains that mix directions, and in labels with several joiners.
  const rightToLeft = 'אבגםדערבيةک．\u0301';
  const domain = fc.constantFrom(letters, rightToLeft).chain((alphabet) => {
    const label = fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength: 8 });
    return fc
      .array(label, { minLength: 1, maxLength: 3 })
      .map((labels) => removeInvisible(labels.join('.')))
      .filter(Boolean);
  });
  const options = { checkBidi: true, checkJoiners: true, useSTD3ASCIIRules: true, verifyDNSLength: true };
  return holds(
    fc.property(domain, (text) => {
      const expected = tr46.toASCII(text, options);
      const isValid = expected !== null && !/(^|\.)-|-(\.|$)/.test(expected);
      assert.equal(emailFormFault(`a@${text}`), isValid ? undefined : 'domain');
      if (isValid) assert.equal(emailKey(`a@${text}`), `a@${expected}`);
    }),
  );
});
