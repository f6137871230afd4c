import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mostRows, readImport } from './csv-import.ts';

function rowsOf(text: string) {
  const reading = readImport(text);
  assert.equal(reading.kind, 'rows');
  return reading.kind === 'rows' ? reading.rows : [];
}

test('takes the columns by their names, whatever their order and case', () => {
  const [row] = rowsOf('id,E-MAIL,Nome\n7,a@example.com, Ana ');
  assert.deepEqual([row?.name, row?.email, row?.state, row?.line], ['Ana', 'a@example.com', 'ready', 2]);
});

test('marks each fault of each row', () => {
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

test('says what is wrong with a file as a whole', () => {
  assert.equal(readImport('').kind, 'empty');
  assert.equal(readImport('name,email').kind, 'empty');
  assert.equal(readImport('Ana,ana@example.com\nBia,bia@example.com').kind, 'noColumns');
  assert.deepEqual(readImport('name,email\n"Ana,a@example.com'), { kind: 'unclosed', line: 2 });
  assert.equal(readImport(`name,email\n${'a,b\n'.repeat(mostRows + 1)}`).kind, 'tooLarge');
});
