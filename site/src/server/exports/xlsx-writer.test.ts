import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as XLSX from '@e965/xlsx';
import fc from 'fast-check';
import { holds } from '../../../../infra/tests/support/property.ts';
import { writeXlsx, type XlsxCell } from './xlsx-writer.ts';

const sheet = { name: 'Usuários & mais', titles: ['ID', 'Nome'], widths: [10, 30] };

async function* portions(...rows: XlsxCell[][][]): AsyncGenerator<XlsxCell[][]> {
  yield* rows;
}

/** @returns the workbook as a spreadsheet program reads it */
async function read(rows: AsyncIterable<XlsxCell[][]>, sheetRows?: number): Promise<XLSX.WorkBook> {
  const file: Uint8Array[] = [];
  for await (const chunk of writeXlsx(sheet, rows, sheetRows)) file.push(chunk);
  return XLSX.read(Buffer.concat(file), { cellFormula: true });
}

const textsOf = (workbook: XLSX.WorkBook, name = sheet.name) =>
  XLSX.utils.sheet_to_json<string[]>(workbook.Sheets[name] ?? {}, { header: 1, raw: false });

test('numbers, texts and dates arrive as such below the titles', async () => {
  const date = { date: Date.UTC(2026, 10, 26, 20, 15) };
  const workbook = await read(portions([[1, 'Jörg <Müller> & "Söhne"']], [[2, date]]));
  assert.deepEqual(textsOf(workbook), [
    ['ID', 'Nome'],
    ['1', 'Jörg <Müller> & "Söhne"'],
    ['2', '11/26/26 20:15'],
  ]);
  assert.equal(workbook.Sheets[sheet.name]?.A2?.t, 'n');
});

test('no text is a formula', async () => {
  const workbook = await read(portions([['=1+1', '@SUM(1)']]));
  const cell: XLSX.CellObject = workbook.Sheets[sheet.name]?.A2;
  assert.deepEqual([cell.t, cell.v, cell.f], ['s', '=1+1', undefined]);
});

test('rows beyond the limit of a sheet go to further sheets with the same titles', async () => {
  const rows = [1, 2, 3, 4, 5].map((id) => [id, `n${id}`]);
  const workbook = await read(portions(rows.slice(0, 4), rows.slice(4)), 3);
  assert.deepEqual(workbook.SheetNames, ['Usuários & mais', 'Usuários & mais 2', 'Usuários & mais 3']);
  assert.deepEqual(textsOf(workbook, 'Usuários & mais 2'), [
    ['ID', 'Nome'],
    ['3', 'n3'],
    ['4', 'n4'],
  ]);
});

test('the file is written while the rows arrive', async () => {
  let given = 0;
  async function* many() {
    const letters = Array.from({ length: 2_000 }, (_, at) => [at, Math.random().toString(36)]);
    for (; given < 50; given++) yield letters;
  }
  let received = 0;
  for await (const chunk of writeXlsx(sheet, many())) {
    received += chunk.length;
    if (received > 100_000) break;
  }
  assert.ok(given < 25, `half of the rows came first: ${given}`);
});

test('any text comes back as it was', async () => {
  const piece = fc.oneof(
    fc.constantFrom('_x0041_', '_x005F_', '_', '&amp;', '<', '\u0007', '\t', '\n', ' ', ']]>'),
    fc.string({ unit: 'grapheme' }),
  );
  const text = fc.array(piece, { minLength: 1 }).map((pieces) => `a${pieces.join('')}z`);
  await holds(
    fc.asyncProperty(text, async (cell) => {
      const workbook = await read(portions([[cell]]));
      assert.equal(workbook.Sheets[sheet.name]?.A2?.v, cell);
    }),
  );
});
