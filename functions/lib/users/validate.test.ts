import assert from 'node:assert/strict';
import { it } from 'node:test';
import { InvalidRequest } from '../errors.ts';
import { acceptChange } from './accept.ts';
import { parseUserInput, parseUserPatch } from './validate.ts';

const ada = { name: 'Ada Lovelace', email: 'ada@example.com' };

function faults(parse: (body: unknown) => unknown, body: unknown): Record<string, string> {
  try {
    parse(body);
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    return Object.fromEntries(error.errors.map(({ field, message }) => [field, message]));
  }
  return {};
}

it('trims texts', () => {
  assert.deepEqual(parseUserInput({ name: ' Ada Lovelace\n', email: '\tada@example.com ' }), ada);
  assert.deepEqual(parseUserPatch({ name: ' Ada ' }), { name: 'Ada' });
});

it('accepts names and e-mails of any script, up to 100 characters', () => {
  for (const name of ['李', 'محمد', '😀'.repeat(100), "O'Neil-Żółw"]) parseUserInput({ ...ada, name });
  for (const email of ['jürgen@straße.de', '用户@例子.广告', 'a+b.c@x.co', `${'a'.repeat(64)}@example.com`]) {
    parseUserInput({ ...ada, email });
  }
});

it('names every field that is wrong, missing or unknown', () => {
  assert.deepEqual(faults(parseUserInput, { name: null, age: 36 }), {
    name: 'must be text, not null',
    email: 'is missing',
    age: 'is not known',
  });
  assert.deepEqual(faults(parseUserInput, { name: ' ', email: 'nonsense' }), {
    name: 'must not be empty',
    email: 'must be a valid e-mail address',
  });
  assert.deepEqual(faults(parseUserInput, { name: 'x'.repeat(101), email: 7 }), {
    name: 'must have at most 100 characters',
    email: 'must be text',
  });
  assert.deepEqual(faults(parseUserInput, { name: 'Ada\u0007', email: 'ada@example.com' }), {
    name: 'must not contain control characters',
  });
});

it('counts code points, where the library counts graphemes', () => {
  // One grapheme of 101 characters.
  assert.deepEqual(faults(parseUserInput, { ...ada, name: `e${'\u0301'.repeat(100)}` }), {
    name: 'must have at most 100 characters',
  });
});

it('refuses a body that is not an object, and a patch without fields', () => {
  for (const body of [null, [], 'text', 7])
    assert.deepEqual(faults(parseUserInput, body), { body: 'must be a JSON object' });
  assert.deepEqual(faults(parseUserPatch, {}), { body: 'must have at least one field to change: name or email' });
});

it('refuses e-mails that make a careless pattern backtrack for ever', () => {
  const dots = { email: 'must have at most 100 characters' };
  assert.deepEqual(faults(parseUserInput, { ...ada, email: `${'a.'.repeat(400_000)}@` }), dots);
  const backslashes = { email: 'must be a valid e-mail address' };
  assert.deepEqual(faults(parseUserInput, { ...ada, email: `"${'\\'.repeat(98)}` }), backslashes);
});

it('cleans texts of characters that no reader can see', () => {
  assert.deepEqual(parseUserInput({ name: 'Ada\r\n  Love\u00adlace', email: '\u202asame\u200b@example.com\u202c' }), {
    name: 'Ada Lovelace',
    email: 'same@example.com',
  });
});

it('reports the fault of a text and the lack of another field together, each text with a stable code', () => {
  assert.throws(
    () => parseUserInput({ name: '\u3164' }),
    ({ errors }: InvalidRequest) => {
      assert.deepEqual(errors, [
        { field: 'name', code: 'required', message: 'must not be empty' },
        { field: 'email', message: 'is missing' },
      ]);
      return true;
    },
  );
});

it('lets a change repeat a stored text that the rules refuse, and checks the text that is new', () => {
  const old = { name: '\u200b', email: '"mary ann"@example.com' };
  assert.deepEqual(acceptChange(old, { ...old, name: 'Mary' }), { ...old, name: 'Mary' });
  assert.deepEqual(acceptChange(old, { name: old.name }), old);
  assert.deepEqual(
    faults(() => acceptChange(old, { email: '"ann mary"@example.com', name: '⠀' }), undefined),
    {
      name: 'must not be empty',
      email: 'must be a valid e-mail address',
    },
  );
});
