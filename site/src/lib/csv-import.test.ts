import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxRows, parseImport } from './csv-import.ts';

function rowsOf(text: string) {
  const reading = parseImport(text);
  assert.equal(reading.kind, 'rows');
  return reading.kind === 'rows' ? reading.rows : [];
}

test('columns are found by name, in any order and case', () => {
  const [row] = rowsOf('id,E-MAIL,Nome\n7,a@example.com, Ana ');
  assert.deepEqual([row?.name, row?.email, row?.state, row?.line], ['Ana', 'a@example.com', 'ready', 2]);
});

test('every fault of every row is marked', () => {
  const rows = rowsOf(`name,email\n,a@example.com\n${'x'.repeat(101)},b@example.com\nC,nowhere\nD,A@EXAMPLE.com\nE`);
  assert.deepEqual(
    rows.map(({ state }) => state),
    ['bad', 'bad', 'bad', 'bad', 'bad'],
  );
  assert.deepEqual(
    rows.map(({ nameFault }) => nameFault),
    ['required', 'tooLong', undefined, undefined, undefined],
  );
  assert.deepEqual(
    rows.map(({ emailFault }) => emailFault),
    [undefined, undefined, 'email', undefined, 'required'],
  );
  assert.equal(rows[3]?.duplicateOf, 2);
});

test('a file that cannot be imported as a whole has its reason', () => {
  assert.equal(parseImport('').kind, 'empty');
  assert.equal(parseImport('name,email').kind, 'empty');
  assert.equal(parseImport('Ana,ana@example.com\nBia,bia@example.com').kind, 'noColumns');
  assert.deepEqual(parseImport('name,email\n"Ana,a@example.com'), { kind: 'unclosed', line: 2 });
  assert.equal(parseImport(`name,email\n${'a,b\n'.repeat(maxRows + 1)}`).kind, 'tooLarge');
});
