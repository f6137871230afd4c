import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fold, foldVariants, isPlainText, lengthOf, removeInvisible } from './text.ts';

it('counts code points', () => {
  assert.equal(lengthOf('Zoë'), 3);
  assert.equal(lengthOf('😀😀'), 2);
});

it('refuses control characters and lone surrogates', () => {
  assert.equal(isPlainText('Łukasz 😀'), true);
  for (const text of ['a\u0000', 'a\nb', '\u0085', '\ud83d']) assert.equal(isPlainText(text), false);
});

it('removes characters that no reader can see', () => {
  for (const hidden of [
    '\u00ad',
    '\u034f',
    '\u200b',
    '\u200d',
    '\u200e',
    '\u202e',
    '\u2066',
    '\u3164',
    '\ufeff',
    '\u{e0041}',
  ]) {
    assert.equal(removeInvisible(`A${hidden}na`), 'Ana', hidden.codePointAt(0)?.toString(16));
  }
});

it('keeps the invisible characters that scripts and emoji need', () => {
  for (const text of [
    'علی\u200cرضا', // Persian: a non-joiner between two parts of a name
    'ക്\u200d', // Malayalam: a joiner makes the final form
    'अक्\u200dषय', // Devanagari: a joiner makes the half form
    '👩\u200d👩\u200d👧', // a family
    '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}', // the flag of England
    '❤\ufe0f',
    '葛\u{e0100}城', // Japanese: the variant of a character in a family's name
    'ᠰᠠᠷ\u180eᠠ', // Mongolian: a separator before the last vowel
  ]) {
    assert.equal(removeInvisible(text), text);
  }
});

it('folds a letter with two dots in both ways', () => {
  assert.deepEqual(foldVariants('Müller, Jörg'), ['muller, jorg', 'mueller, joerg']);
  assert.deepEqual(foldVariants('Ana'), ['ana']);
});

it('removes accents, apostrophes and case', () => {
  assert.equal(fold('ÉMILIE du Châtelet'), 'emilie du chatelet');
  assert.equal(fold('Łukasz Żółw'), 'lukasz zolw');
  assert.equal(fold('Straße'), fold('STRASSE'));
  assert.equal(fold('STRAẞE'), fold('STRASSE'));
  assert.equal(fold('Bjørn Æsop'), 'bjorn aesop');
  for (const mark of "'’‘‛ʼʻʽʾʿʹ′`´＇ꞌ՚׳") assert.equal(fold(`O${mark}Neill`), 'oneill', mark);
});
