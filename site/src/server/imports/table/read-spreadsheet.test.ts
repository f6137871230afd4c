import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as XLSX from '@e965/xlsx';
import fc from 'fast-check';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { holds } from '../../../../../infra/tests/support/property.ts';
import { guessColumns } from './columns.ts';
import { parseTable } from './parse-table.ts';
import { toPeople } from './people.ts';
import { readTable } from './read-table.ts';
import { defaultLimits, type UnreadableReason } from './table.ts';

/** A workbook as people make them: notes first, a merged title, dates, formulas, line breaks, and lists that Excel hides. */
function workbook(): XLSX.WorkBook {
  const people = XLSX.utils.aoa_to_sheet([
    ['Personalliste 2026', null, null, null, null],
    [],
    ['Nachname', 'Vorname', 'E-Mail-Adresse', 'Eintritt', 'Urlaub'],
    ['Müller', 'Jörg', 'joerg@example.de', new Date(Date.UTC(2026, 0, 31)), 30],
    ['João\nda Silva', 'Ana', 'ana@example.com.br', new Date(Date.UTC(2025, 11, 1)), 28],
    [],
    ['Weiß', 'Zoë', 'zoe@example.de', null, null],
  ]);
  people['!merges'] = [XLSX.utils.decode_range('A1:E1')];
  people.C7 = { t: 's', v: 'zoe@example.de', f: 'LOWER(B7)&"@example.de"' };
  people.E7 = { t: 'n', v: 58, f: 'E4+E5' };
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet([['Stand: Januar']]), 'Hinweise');
  XLSX.utils.book_append_sheet(book, people, 'Personal');
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet([['x@example.com']]), 'Auswahl');
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet([[]]), 'Tabelle4');
  book.Workbook = { Sheets: [{ Hidden: 0 }, { Hidden: 0 }, { Hidden: 2 }, { Hidden: 0 }] };
  return book;
}

const write = (bookType: XLSX.BookType): Uint8Array =>
  XLSX.write(workbook(), { type: 'buffer', bookType, compression: true, cellStyles: true });
const parse = (file: Uint8Array, sheet?: string) => parseTable(file, defaultLimits, sheet);

async function refuses(file: Uint8Array, reason: UnreadableReason, limits = {}, sheet?: string): Promise<void> {
  await assert.rejects(parseTable(file, { ...defaultLimits, ...limits }, sheet), { name: 'UnreadableTable', reason });
}

for (const type of ['xlsx', 'xlsb', 'xls', 'ods'] as const) {
  test(`the people of an .${type} file are found in the sheet that has them`, async () => {
    const table = await parse(write(type));
    const mapping = guessColumns(table);
    assert.deepEqual(toPeople(table, mapping), [
      { line: 4, name: 'Jörg Müller', email: 'joerg@example.de' },
      { line: 5, name: 'Ana João da Silva', email: 'ana@example.com.br' },
      { line: 7, name: 'Zoë Weiß', email: 'zoe@example.de' },
    ]);
    assert.equal(mapping.isConfident, true);
    assert.equal(table.sheet, 'Personal');
  });
}

test('a cell has the text that the person sees: the result of a formula, and the date', async () => {
  const { rows, sheets } = await parse(write('xlsx'));
  assert.deepEqual(rows[2], { line: 4, cells: ['Müller', 'Jörg', 'joerg@example.de', '2026-01-31', '30'] });
  assert.deepEqual(rows.at(-1), { line: 7, cells: ['Weiß', 'Zoë', 'zoe@example.de', '', '58'] });
  assert.deepEqual(sheets, ['Hinweise', 'Personal'], 'neither the hidden sheet nor the empty one');
});

test('a person can choose another sheet', async () => {
  assert.deepEqual((await parse(write('xlsx'), 'Hinweise')).rows, [{ line: 1, cells: ['Stand: Januar'] }]);
  await refuses(write('xlsx'), 'unknownSheet', {}, 'Urlaub');
});

test('a text that looks like a formula or has an apostrophe stays as it is', async () => {
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet([['=1+1', "'=1+1", 'a;=1']]), 'S');
  const { rows } = await parse(XLSX.write(book, { type: 'buffer' }));
  assert.deepEqual(rows[0]?.cells, ['=1+1', "'=1+1", 'a;=1']);
});

test('a spreadsheet that cannot be read is refused with its reason', async () => {
  const file = write('xlsx');
  await refuses(file.subarray(0, file.length / 2), 'damaged');
  await refuses(zipSync({ 'word/document.xml': strToU8('<document/>') }), 'notATable');
  await refuses(XLSX.write({ SheetNames: ['S'], Sheets: { S: {} } }, { type: 'buffer' }), 'empty');
  const protectedFile = XLSX.CFB.utils.cfb_new();
  for (const stream of ['EncryptionInfo', 'EncryptedPackage']) {
    XLSX.CFB.utils.cfb_add(protectedFile, stream, Buffer.alloc(5_000, 4));
  }
  await refuses(XLSX.CFB.write(protectedFile, { type: 'buffer' }) as Buffer, 'encrypted');
});

test('a spreadsheet beyond the limits is refused', async () => {
  await refuses(write('xlsx'), 'tooManyRows', { maxRows: 4 });
  await refuses(write('ods'), 'tooManyRows', { maxCells: 10 });
  await refuses(write('xlsx'), 'tooLarge', { maxUnpackedBytes: 1_000 });
});

/** @returns an .xlsx file with one sheet, and the table of strings if there is one */
function xlsxOf(sheet: string, strings = '<sst/>'): Uint8Array {
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const packageRelations = 'http://schemas.openxmlformats.org/package/2006/relationships';
  const parts = {
    '[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${types}.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="${types}.sharedStrings+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${packageRelations}"><Relationship Id="r1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${packageRelations}"><Relationship Id="r1" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${relations}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': sheet,
    'xl/sharedStrings.xml': strings,
  };
  return zipSync(Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, strToU8(part)])));
}

const row = (cells: string) => `<worksheet><sheetData><row r="1">${cells}</row></sheetData></worksheet>`;

test('entities of a document type are not expanded', async () => {
  const laughs = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join('');
  const strings = `<!DOCTYPE sst [<!ENTITY l0 "ha">${laughs}]><sst><si><t>&l9;</t></si></sst>`;
  const { rows } = await parse(xlsxOf(row('<c r="A1" t="s"><v>0</v></c>'), strings));
  assert.ok((rows[0]?.cells[0] ?? '').length < 100);
});

test('a sheet that declares a million rows and holds two cells in its corners is read', async () => {
  const sheet = `<worksheet><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>
<row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData></worksheet>`;
  const { rows } = await parse(xlsxOf(sheet));
  assert.deepEqual(
    rows.map(({ line, cells }) => [line, cells.length]),
    [
      [1, 1],
      [1_048_576, 16_384],
    ],
  );
});

test('a spreadsheet with links over all cells is read, wherever the links stand', async () => {
  const rows = '<sheetData><row r="1"><c r="A1" t="str"><v>a:hyperlink of the web</v></c></row></sheetData>';
  const links = (prefix: string) =>
    `<${prefix}hyperlinks><${prefix}hyperlink ref="A1:XFD1048576" location="x"/></${prefix}hyperlinks>`;
  for (const sheet of [rows + links(''), rows + links('x:'), `${rows}${links('')}<sheetData></sheetData>`]) {
    const file = xlsxOf(`<worksheet>${sheet}</worksheet>`);
    // A process of its own has a time limit: the links would keep this one busy for hours.
    const { table } = await readTable(file, 'people.xlsx');
    assert.deepEqual(table.rows, [{ line: 1, cells: ['a:hyperlink of the web'] }]);
  }
  const linksAlone = readTable(xlsxOf(`<worksheet>${links('')}</worksheet>`), 'people.xlsx');
  await assert.rejects(linksAlone, { reason: 'empty' });
});

test('a cell with a format that is longer than formats are has its bare value, in every kind of spreadsheet', async () => {
  const long = ['(', ';', '?/?', '_', '[h]', '[>1]', '0E+0', '#'].map((part) =>
    part.repeat(Math.ceil(250 / part.length)),
  );
  const values = ['x', -0.3333, 44_000.5];
  for (const bookType of ['xlsx', 'xlsb', 'xls'] as const) {
    const sheet = XLSX.utils.aoa_to_sheet(long.map(() => values));
    for (const [at, format] of long.entries())
      for (const column of ['A', 'B', 'C']) sheet[`${column}${at + 1}`].z = format.slice(0, 250);
    const book = XLSX.utils.book_new();
    XLSX.utils.book_append_sheet(book, sheet, 'S');
    const { rows } = await parse(XLSX.write(book, { type: 'buffer', bookType }));
    for (const { cells } of rows) assert.deepEqual(cells, values.map(String), bookType);
    assert.equal(rows.length, long.length);
  }
});

test('a number has the form that the person sees, in every kind of file of Excel', async () => {
  const formats = [
    '00000',
    '0%',
    'dd/mm/yyyy',
    '_-"R$"\\ * #,##0.00_-;\\-"R$"\\ * #,##0.00_-;_-"R$"\\ * "-"??_-;_-@_-',
  ];
  for (const bookType of ['xlsx', 'xlsb', 'xls'] as const) {
    const sheet = XLSX.utils.aoa_to_sheet([[42, 0.5, 46_053, 1_234.5, true]]);
    for (const [at, format] of formats.entries()) sheet[`${'ABCD'[at]}1`].z = format;
    const book = XLSX.utils.book_new();
    XLSX.utils.book_append_sheet(book, sheet, 'S');
    const { rows } = await parse(XLSX.write(book, { type: 'buffer', bookType }));
    const cells = rows[0]?.cells.map((cell) => cell.replace(/\s+/g, ' ').trim());
    assert.deepEqual(cells, ['00042', '50%', '31/01/2026', 'R$ 1,234.50', 'TRUE'], bookType);
  }
});

/** @returns an .ods file that has this XML at the end of its first table */
function odsWith(xml: string): Uint8Array {
  const parts = unzipSync(write('ods'));
  const content = Buffer.from(parts['content.xml'] ?? []).toString();
  return zipSync({ ...parts, 'content.xml': strToU8(content.replace('</table:table>', `${xml}$&`)) });
}

test('an .ods file that repeats more cells than the limit, or formats without end, is refused at once', async () => {
  const cell = '<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>';
  const rows = (count: string) => `<table:table-row table:number-rows-repeated="${count}">`;
  const wide = '<table:table-cell table:number-columns-repeated="1000000000"/>';
  for (const xml of [
    `${rows('1000000000')}${cell}</table:table-row>`,
    `${rows('Infinity')}${cell}</table:table-row>`,
    `<table:table-<!-- -->row table:number-rows-repeated="1000000000">${cell}</table:table-row>`,
    `<table:table-row_x x:NUMBER-ROWS-REPEATED="1000000000">${cell}</table:table-row>`,
    // Each row has the place of the one before, so that the memory does not grow.
    `${rows('100000')}${cell}`.repeat(100),
    `<table:table-row>${wide}</table:table-cell></table:table-row>`,
    '<number:number-style><number:number number:decimal-places="1000000000"/></number:number-style>',
    `<number:number-style>${'<number:day/>'.repeat(5_000)}${'</number:number-style>'.repeat(5_000)}`,
  ]) {
    // A process of its own has a time limit, and a clear reason tells the check from that limit.
    await assert.rejects(readTable(odsWith(xml), 'people.ods'), /more than 2000000|number format|Number formats/, xml);
  }
});

test('an .ods file that repeats empty cells to the last row, and people a few times, is read', async () => {
  const cell = (text: string, attributes = '') =>
    `<table:table-cell office:value-type="string" ${attributes}><text:p>${text}</text:p></table:table-cell>`;
  const empty = '<table:table-cell table:style-name="ce1" table:number-columns-repeated="16384"/>';
  const rest = `<table:table-row table:number-rows-repeated="1048570">${empty}</table:table-row>`;
  const pair = cell('a', 'table:number-columns-repeated="2"');
  const people = `<table:table-row table:number-rows-repeated="3">${pair}</table:table-row>`;
  const { rows } = await parse(odsWith(people + rest + rest.replace('/>', '></table:table-cell>')), 'Hinweise');
  assert.deepEqual(
    rows.slice(1).map(({ cells }) => cells),
    [
      ['a', 'a'],
      ['a', 'a'],
      ['a', 'a'],
    ],
  );
});

test('a cell beyond the columns that a sheet may have is refused at once', async () => {
  const repeated = '<table:table-cell table:number-columns-repeated="2000000000"/>';
  const cell = '<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>';
  await refuses(odsWith(`<table:table-row>${repeated}${cell}</table:table-row>`), 'tooLarge');
});

test('a part that unpacks to more than its declared size is cut to that size', async () => {
  const file = xlsxOf(row(`<c r="A1" t="str"><v>${'a'.repeat(1_000_000)}</v></c>`));
  const honest = Buffer.from(file);
  const at = honest.lastIndexOf('xl/worksheets/sheet1.xml') - 46;
  assert.equal(honest.readUInt32LE(at), 0x02014b50, 'an entry of the directory');
  honest.writeUInt32LE(500, at + 24);
  const outcome = await parseTable(honest, { ...defaultLimits, maxUnpackedBytes: 10_000 }).catch(
    (error: Error) => error.name,
  );
  const size = typeof outcome === 'string' ? 0 : JSON.stringify(outcome).length;
  assert.ok(outcome === 'UnreadableTable' || size < 2_000, JSON.stringify(outcome).slice(0, 200));
});

/** @returns a package whose directory has stored parts at one place: `size` bytes in the file, `declared` unpacked */
function overlapping(count: number, size: number, declared: number): Uint8Array {
  const header = (signature: number, isEntry: boolean) => {
    const bytes = Buffer.alloc(isEntry ? 46 : 30);
    bytes.writeUInt32LE(signature);
    bytes.writeUInt32LE(size, isEntry ? 20 : 18);
    bytes.writeUInt32LE(declared, isEntry ? 24 : 22);
    bytes.writeUInt16LE(5, isEntry ? 28 : 26);
    return bytes;
  };
  const local = Buffer.concat([header(0x04034b50, false), Buffer.from('a.xml'), Buffer.alloc(size)]);
  const entries = Array.from({ length: count }, (_, at) =>
    Buffer.concat([header(0x02014b50, true), Buffer.from(`${String.fromCharCode(97 + at)}.xml`)]),
  );
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, directory, end]);
}

test('parts that share bytes of the file, or that are stored with two sizes, are refused', async () => {
  await refuses(overlapping(20, 100_000, 100_000), 'damaged');
  await refuses(overlapping(1, 100_000, 0), 'damaged');
  await refuses(overlapping(1, 100_000, 100_000), 'tooLarge', { maxUnpackedBytes: 99_999 });
});

test('a workbook with too many sheets, or with a name of a sheet that is too long, is refused', async () => {
  const withSheets = (count: number) => {
    const names = Array.from({ length: count }, (_, at) => `S${at}`);
    const sheet = XLSX.utils.aoa_to_sheet([['a@example.com']]);
    return XLSX.write(
      { SheetNames: names, Sheets: Object.fromEntries(names.map((name) => [name, sheet])) },
      { type: 'buffer' },
    );
  };
  assert.equal((await parse(withSheets(200))).sheets?.length, 200);
  await refuses(withSheets(201), 'tooLarge');
  const parts = unzipSync(write('xlsx'));
  const text = Buffer.from(parts['xl/workbook.xml'] ?? []).toString();
  const renamed = strToU8(text.replace('Personal', 'P'.repeat(201)));
  await refuses(zipSync({ ...parts, 'xl/workbook.xml': renamed }), 'tooLarge');
});

test('a package with any broken part gives a table or a refusal', async () => {
  const packages = [unzipSync(write('xlsx')), unzipSync(write('ods'))] as const;
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 20 });
  await holds(
    fc.asyncProperty(damage, fc.constantFrom(...packages), fc.nat(), async (changes, parts, which) => {
      const names = Object.keys(parts);
      const name = names[which % names.length] ?? '';
      const part = Uint8Array.from(parts[name] ?? []);
      for (const [at, byte] of changes) part[at % part.length] = byte;
      try {
        assert.ok((await parse(zipSync({ ...parts, [name]: part }, { level: 0 }))).rows.length > 0);
      } catch (error) {
        assert.equal((error as Error).name, 'UnreadableTable', (error as Error).stack);
      }
    }),
  );
});
