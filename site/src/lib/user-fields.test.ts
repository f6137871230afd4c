import assert from 'node:assert/strict';
import { test } from 'node:test';
import { en } from '../i18n/en.ts';
import { checkEmail, checkName, emailKey, faultsOf } from './user-fields.ts';

test('a name has 1 to 100 characters, however many bytes they take', () => {
  assert.equal(checkName(' Ana '), undefined);
  assert.equal(checkName('👩'.repeat(100)), undefined);
  assert.equal(checkName('👩'.repeat(101)), 'tooLong');
  assert.equal(checkName('   '), 'required');
  assert.equal(checkName('a\u0007b'), 'control');
  assert.equal(checkName('a\ud800b'), 'control');
});

test('an e-mail has the form of an address', () => {
  for (const good of ['a@b.co', 'ana.souza+x@example.com.br', 'josé@exämple.com'])
    assert.equal(checkEmail(good), undefined);
  for (const bad of ['a', 'a@b', 'a b@c.de', '@b.co', 'a@b..co', 'a@@b.co'])
    assert.equal(checkEmail(bad), 'email', bad);
  assert.equal(checkEmail(`${'a'.repeat(100)}@b.co`), 'tooLong');
});

test('all spellings of one e-mail have one key', () => {
  assert.equal(emailKey(' STRASSE@example.com'), emailKey('straße@EXAMPLE.com'));
});

test('a known fault is in the reader’s language, another one in the API’s words', () => {
  const problem = {
    title: '',
    status: 400,
    errors: [
      { field: 'name', message: 'must not be empty' },
      { field: 'email', message: 'must be a valid e-mail address' },
      { field: 'other', message: 'is unknown' },
    ],
  };
  assert.deepEqual(faultsOf(problem, { name: '', email: 'a..b@c.de' }, en.field), {
    name: en.field.required,
    email: en.field.email,
  });
  const odd = { title: '', status: 400, errors: [{ field: 'name', message: 'must rhyme' }] };
  assert.deepEqual(faultsOf(odd, { name: 'Ana', email: 'a@b.co' }, en.field), { name: 'must rhyme' });
  const taken = { title: '', status: 409, errors: [{ field: 'email', message: 'is taken' }] };
  assert.deepEqual(faultsOf(taken, { name: 'A', email: 'a@b.co' }, en.field), { email: en.field.taken });
});
