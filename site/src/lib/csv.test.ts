import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCsv, writeCsvLine } from './csv.ts';

const cells = (text: string) => readCsv(text).records.map((record) => record.cells);

test('cells are quoted only where they need it', () => {
  assert.equal(
    writeCsvLine([1, 'plain', 'a,b', 'say "hi"', 'two\nlines']),
    '1,plain,"a,b","say ""hi""","two\nlines"\r\n',
  );
});

test('reading restores what was written, formulas included', () => {
  const rows = ['=1+1', '+55 11', '-x', '@home', "'=quoted", "'tis", '', 'çé', '"', ' a '];
  assert.deepEqual(cells(writeCsvLine(rows)), [rows]);
  assert.match(writeCsvLine(['=1+1']), /^'=1\+1/);
});

test('every kind of line end, a byte order mark, and semicolons are read', () => {
  assert.deepEqual(cells('\ufeffa;b\r\n1;2\r3;4\n5;6'), [
    ['a', 'b'],
    ['1', '2'],
    ['3', '4'],
    ['5', '6'],
  ]);
});

test('empty lines are left out, and each record knows its first line', () => {
  const { records } = readCsv('a,b\n\n"1\n1",2\n , \n3,4');
  assert.deepEqual(
    records.map(({ line }) => line),
    [1, 3, 6],
  );
});

test('a quote that is never closed is reported with its line', () => {
  assert.equal(readCsv('a,b\n1,"2\n3,4').unclosed, 2);
});
