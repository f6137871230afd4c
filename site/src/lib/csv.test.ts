import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCsv, writeCsvLine } from './csv.ts';

const cells = (text: string) => readCsv(text).records.map((record) => record.cells);

test('quotes only what needs it', () => {
  assert.equal(
    writeCsvLine([1, 'plain', 'a,b', 'say "hi"', 'two\nlines']),
    '1,plain,"a,b","say ""hi""","two\nlines"\r\n',
  );
});

test('what was written reads the same, formulas included', () => {
  const rows = ['=1+1', '+55 11', '-x', '@home', "'=quoted", "'tis", '', 'çé', '"', ' a '];
  assert.deepEqual(cells(writeCsvLine(rows)), [rows]);
  assert.match(writeCsvLine(['=1+1']), /^'=1\+1/);
});

test('reads every kind of line end, a mark at the beginning, and semicolons', () => {
  assert.deepEqual(cells('\ufeffa;b\r\n1;2\r3;4\n5;6'), [
    ['a', 'b'],
    ['1', '2'],
    ['3', '4'],
    ['5', '6'],
  ]);
});

test('leaves empty lines out, and knows on which line each record begins', () => {
  const { records } = readCsv('a,b\n\n"1\n1",2\n , \n3,4');
  assert.deepEqual(
    records.map(({ line }) => line),
    [1, 3, 6],
  );
});

test('names the line of a quote that is never closed', () => {
  assert.equal(readCsv('a,b\n1,"2\n3,4').unclosed, 2);
});
