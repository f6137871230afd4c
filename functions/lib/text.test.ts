import assert from 'node:assert/strict';
import { it } from 'node:test';
import { emailKey, fold, isPlainText, lengthOf } from './text.ts';

it('counts code points', () => {
  assert.equal(lengthOf('Zoë'), 3);
  assert.equal(lengthOf('😀😀'), 2);
});

it('refuses control characters and lone surrogates', () => {
  assert.equal(isPlainText('Łukasz 😀'), true);
  for (const text of ['a\u0000', 'a\nb', '\u0085', '\ud83d']) assert.equal(isPlainText(text), false);
});

it('gives e-mails that differ only in case the same key', () => {
  assert.equal(emailKey('ADA@Example.COM'), emailKey('ada@example.com'));
  assert.equal(emailKey('JÜRGEN@STRASSE.de'), emailKey('jürgen@straße.de'));
  assert.equal(emailKey('ΟΔΟΣ@example.com'), emailKey('οδος@example.com'));
  assert.equal(emailKey('e\u0301@example.com'), emailKey('É@example.com'));
  assert.notEqual(emailKey('jurgen@example.com'), emailKey('jürgen@example.com'));
});

it('removes accents and case', () => {
  assert.equal(fold('ÉMILIE du Châtelet'), 'emilie du chatelet');
  assert.equal(fold('Łukasz Żółw'), 'lukasz zolw');
  assert.equal(fold('Straße'), fold('STRASSE'));
  assert.equal(fold('Bjørn Æsop'), 'bjorn aesop');
});
