import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultMessages } from '../../../functions/lib/users/fields.ts';
import { en } from '../i18n/en.ts';
import { checkField, cleanField, faultsOf } from './user-fields.ts';

test('a text is checked as the API would store it', () => {
  assert.equal(cleanField('name', ' Ana\nSouza\u200b '), 'Ana Souza');
  assert.equal(checkField('name', ' Ana '), undefined);
  assert.equal(checkField('name', '\u3164'), 'required');
  assert.equal(checkField('email', ' ana@example.com\n'), undefined);
});

test('the catalogue has a sentence for every fault of the API, and a fault that it does not know is in the API’s words', () => {
  for (const code of Object.keys(faultMessages)) assert.ok(Object.hasOwn(en.field, code), code);
  const problem = {
    title: '',
    status: 400,
    errors: [
      { field: 'name', code: 'marks', message: 'must not have more than 4 accents' },
      { field: 'email', code: 'rhyme', message: 'must rhyme' },
      { field: 'other', message: 'is unknown' },
    ],
  };
  assert.deepEqual(faultsOf(problem, en.field), { name: en.field.marks, email: 'must rhyme' });
  const taken = { title: '', status: 409, errors: [{ field: 'email', code: 'taken', message: 'is taken' }] };
  assert.deepEqual(faultsOf(taken, en.field), { email: en.field.taken });
  const plain = { title: '', status: 400, errors: [{ field: 'name', message: 'is missing' }] };
  assert.deepEqual(faultsOf(plain, en.field), { name: 'is missing' });
});
