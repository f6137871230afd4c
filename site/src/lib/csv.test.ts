import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../../infra/tests/support/property.ts';
import { readCsv, writeCsvLine } from './csv.ts';

const cells = (text: string) => readCsv(text).records.map((record) => record.cells);
/** Reads a record below a line of titles, which decides the separator. */
const readBack = (record: (string | number)[]) => cells(`id,name\r\n${writeCsvLine(record)}`)[1];

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

test('a formula is guarded wherever a cell could begin', () => {
  const written: [cell: string, line: string][] = [
    ['a;=1+1', `a;'=1+1`],
    ['"a;=1+1"@a.bc', `"""a;'=1+1""@a.bc"`],
    ['＝1+1', `'＝1+1`],
    ['＋1', `'＋1`],
    ['－1', `'－1`],
    ['＠SUM(1)', `'＠SUM(1)`],
    ['a;＝1', `a;'＝1`],
    ['a,-1', `"a,'-1"`],
    ['a\t@b', `a\t'@b`],
    ['a|+1', `a|'+1`],
    ['; "=1"', `";' ""=1"""`],
    ['\t=1', `'\t'=1`],
    [`a;'=1`, `a;''=1`],
    ['a-b=c@d', 'a-b=c@d'],
    ['Ana; Bia', 'Ana; Bia'],
  ];
  for (const [cell, line] of written) {
    assert.equal(writeCsvLine([cell]), `${line}\r\n`);
    assert.deepEqual(readBack([cell]), [cell]);
  }
});

test('reading restores any cells, and no separator makes one of them a formula', async () => {
  const special = fc.constantFrom(...`,;|\t\r\n"' =+-@＝＋－＠a\u3000\ufeff`);
  const piece = fc.oneof(special, fc.string({ unit: 'grapheme', maxLength: 3 }));
  const cell = fc.array(piece).map((pieces) => pieces.join(''));
  await holds(
    fc.property(fc.array(cell), (texts) => {
      const line = writeCsvLine([1, ...texts]);
      assert.deepEqual(readBack([1, ...texts]), ['1', ...texts]);
      for (const part of line.split(/[,;|\t\r\n]/)) assert.doesNotMatch(part, /^[\s"]*[=+\-@＝＋－＠]/u);
    }),
  );
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
