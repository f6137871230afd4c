import assert from 'node:assert/strict';
import { it } from 'node:test';
import { emailKey, fold, isPlainText, lengthOf } from './text.ts';

it('counts characters, not their halves', () => {
  assert.equal(lengthOf('Zoë'), 3);
  assert.equal(lengthOf('😀😀'), 2);
});

it('tells text from control characters and broken halves', () => {
  assert.equal(isPlainText('Łukasz 😀'), true);
  for (const text of ['a\u0000', 'a\nb', '\u0085', '\ud83d']) assert.equal(isPlainText(text), false);
});

it('makes e-mails equal that differ in case alone', () => {
  assert.equal(emailKey('ADA@Example.COM'), emailKey('ada@example.com'));
  assert.equal(emailKey('JÜRGEN@STRASSE.de'), emailKey('jürgen@straße.de'));
  assert.equal(emailKey('ΟΔΟΣ@example.com'), emailKey('οδος@example.com'));
  assert.equal(emailKey('e\u0301@example.com'), emailKey('É@example.com'));
  assert.notEqual(emailKey('jurgen@example.com'), emailKey('jürgen@example.com'));
});

it('folds case and accents', () => {
  assert.equal(fold('ÉMILIE du Châtelet'), 'emilie du chatelet');
  assert.equal(fold('Łukasz Żółw'), 'lukasz zolw');
  assert.equal(fold('Straße'), fold('STRASSE'));
  assert.equal(fold('Bjørn Æsop'), 'bjorn aesop');
});
