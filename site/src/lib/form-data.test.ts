import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePositiveInteger, readForm, textOf } from './form-data.ts';

test('only plain whole numbers above zero are ids', () => {
  assert.equal(parsePositiveInteger('12'), 12);
  for (const text of [undefined, null, '', '0', '01', '-1', '1.5', '1e3', ' 1', '1'.repeat(16)]) {
    assert.equal(parsePositiveInteger(text), undefined, String(text));
  }
});

test('text fields are cut, and anything else is empty', async () => {
  const sent = new FormData();
  sent.set('name', 'x'.repeat(2_000));
  sent.set('file', new File(['content'], 'file.txt'));
  const form = await readForm(new Request('http://site.test', { method: 'POST', body: sent }));
  assert.ok(form);
  assert.equal(textOf(form, 'name').length, 1_000);
  assert.equal(textOf(form, 'file'), '');
  assert.equal(textOf(form, 'missing'), '');
});

test('a body that is not a form is undefined', async () => {
  assert.equal(await readForm(new Request('http://site.test', { method: 'POST', body: '{}' })), undefined);
});
