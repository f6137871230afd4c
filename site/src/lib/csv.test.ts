import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../../infra/tests/support/property.ts';
import { inOneLine, readText } from '../server/imports/table/read-text.ts';
import { defaultLimits } from '../server/imports/table/table.ts';
import { writeCsvLine } from './csv.ts';

/** Reads a record below a line that names the delimiter. */
function readBack(record: (string | number)[], delimiter = ','): string[] | undefined {
  return readText(`sep=${delimiter}\r\n${writeCsvLine(record, delimiter)}`, defaultLimits).rows[0]?.cells;
}

test('cells are quoted only where they need it', () => {
  assert.equal(
    writeCsvLine([1, 'plain', 'a,b', 'say "hi"', 'two\nlines']),
    '1,plain,"a,b","say ""hi""","two\nlines"\r\n',
  );
});

test('reading restores what was written, formulas included', () => {
  const rows = ['=1+1', '+55 11', '-x', '@home', "'=quoted", "'tis", '', 'çé', '"', ' a '];
  assert.deepEqual(readBack(rows), rows);
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
    ['\u200b=4', `'\u200b=4`],
    ['\u2060\u00ad=4', `'\u2060\u00ad=4`],
    ['\u202e\u3164@x', `'\u202e\u3164@x`],
    ['\u0000=4', `'\u0000=4`],
    ['﹦4', `'﹦4`],
    ['a;\u200b=1', `a;'\u200b=1`],
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
    assert.deepEqual(readBack([1, cell]), ['1', cell]);
  }
});

test('reading restores any cells, and no separator makes one of them a formula', async () => {
  const special = fc.constantFrom(...`,;|\t\r\n"' =+-@＝＋－＠a\u3000\ufeff\u200b\u2060\u3164`);
  const piece = fc.oneof(special, fc.string({ unit: 'grapheme', maxLength: 3 }));
  const cell = fc.array(piece).map((pieces) => pieces.join(''));
  await holds(
    fc.property(fc.array(cell), fc.constantFrom(',', ';', '\t'), (texts, delimiter) => {
      const line = writeCsvLine([1, ...texts], delimiter);
      // Reading makes one line of each cell.
      assert.deepEqual(readBack([1, ...texts], delimiter), ['1', ...texts.map(inOneLine)]);
      for (const part of line.split(/[,;|\t\r\n]/))
        assert.doesNotMatch(part, /^[\s"\u200b\u2060\u3164]*[=+\-@＝＋－＠]/u);
    }),
  );
});
