import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../../infra/tests/support/property.ts';
import { maxCharacters, userFields } from './fields.ts';

const { name, email } = userFields;
const faultOf = (text: string) => name.faultOf(name.clean(text));

it('accepts names of any script, with all the marks that they need', () => {
  for (const text of [
    'Nguye\u0302\u0303n Thi\u0323\u0302',
    'שִׁ֔לֹה',
    'မြွှေ့',
    'བསྒྲུབས',
    'سُلَيْمَان',
    'अजय',
    '山田　太郎',
    '1️⃣ 👩🏽‍🚀',
    "Seán O'Neill-d’Ávila",
  ]) {
    assert.equal(faultOf(text), undefined, text);
    assert.equal(name.clean(text), text);
  }
});

it('refuses a name without anything visible', () => {
  for (const text of ['', '\u200b', '\u3164', '\u2800', '\u0301', ' \u00a0', '\u{e0041}\u200d']) {
    assert.equal(faultOf(text), 'required', JSON.stringify(text));
  }
});

it('refuses letters with more marks than a line has room for, also when joiners hide them', () => {
  assert.equal(faultOf(`J${'\u0301'.repeat(90)}`), 'marks');
  assert.equal(faultOf(`é${'\u0301'.repeat(4)}`), 'marks');
  assert.equal(faultOf(`ب${'\u064e\u200d'.repeat(10)}`), 'marks');
  assert.equal(faultOf(`က${'\u1032'.repeat(9)}`), 'marks');
});

it('refuses characters that were lost, half characters and control characters', () => {
  assert.equal(faultOf('J\ufffdrg'), 'unreadable');
  assert.equal(email.faultOf('j\ufffdrg@example.com'), 'unreadable');
  assert.equal(faultOf('a\ud83d'), 'control');
  assert.equal(faultOf('\u0007'), 'control');
  assert.equal(faultOf('😀'.repeat(maxCharacters + 1)), 'tooLong');
});

it('cleans any text once and for all', () =>
  holds(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom(name, email), (text, rule) => {
      const cleaned = rule.clean(text);
      assert.equal(rule.clean(cleaned), cleaned);
      if (rule.faultOf(cleaned) === undefined) assert.ok(cleaned.length > 0 && cleaned === cleaned.trim());
    }),
  ));
