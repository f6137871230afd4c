import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxNameCharacters, people } from './people.ts';

const count = 2000;
const all = [...people(count, 42)];

test('the same seed gives the same people, whatever their number', () => {
  assert.deepEqual([...people(50, 42)], all.slice(0, 50));
});

test('another seed gives other names and other e-mails', () => {
  const others = [...people(count, 43)];
  const emails = new Set(all.map(({ email }) => email));
  assert.ok(others.every(({ email }) => !emails.has(email)));
  assert.ok(others.filter(({ name }, index) => name === all[index]?.name).length < count / 20);
});

test('every e-mail is unique, plain and at a domain reserved for examples', () => {
  assert.equal(new Set(all.map(({ email }) => email)).size, count);
  for (const { email } of all) assert.match(email, /^[a-z0-9]+([.-][a-z0-9]+)*@example\.(com|org|net)$/);
  assert.ok(Math.max(...all.map(({ email }) => email.length)) <= 100);
});

test('the API accepts every name unchanged', () => {
  for (const { name } of all) {
    assert.equal(name, name.trim().normalize('NFC'));
    assert.ok(name.length >= 1 && name.length <= maxNameCharacters, name);
    assert.ok(name.isWellFormed(), name);
  }
});

test('some names have accents, other scripts or the longest length', () => {
  const names = all.map(({ name }) => name);
  assert.ok(names.filter((name) => /[áãçéíóõúüößşğłřž]/.test(name)).length > count / 10);
  for (const script of [/\p{Script=Greek}/u, /\p{Script=Han}/u, /\p{Script=Arabic}/u]) {
    assert.ok(names.some((name) => script.test(name)));
  }
  assert.ok(names.some((name) => name.length === maxNameCharacters));
  assert.ok(names.filter((name) => name.length > 50).length >= count / 25);
});
