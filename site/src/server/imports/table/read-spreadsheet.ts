/** Reads the sheets of an .xlsx, .xlsb, .ods or .xls file, in the process of `table-process.ts`. */
import * as XLSX from '@e965/xlsx';
import { type Unzipped, unzipSync, zipSync } from 'fflate';
import { textOf } from './cell-text.ts';
import { checkOds } from './check-ods.ts';
import { guessColumns } from './columns.ts';
import { isPackage } from './file-kind.ts';
import { inOneLine } from './read-text.ts';
import { RowCollector, type RowLimits } from './row-collector.ts';
import { type Table, type TableLimits, type TableRow, tooLarge, UnreadableTable } from './table.ts';

/** The parts of a package that hold cells. Pictures, macros and fonts are never unpacked. */
const usefulPart = /\.(?:xml|rels)$|^mimetype$|^xl\/[^/]*\.bin$|^xl\/worksheets\/[^/]*\.bin$/i;
/** The parts of an .ods file in which a tag may stand for many cells. SheetJS takes any spelling of their names. */
const odsPart = /(?:^|[/\\])(?:content|styles)\.xml$/i;
/** A workbook has a few parts for each sheet and each picture. */
const maxParts = 10_000;
/** The most rows and columns that a sheet of Excel or LibreOffice has. */
const maxSheetRows = 1_048_576;
const maxSheetColumns = 16_384;
/** The job and its page list the sheets. */
const maxSheets = 200;
/** Excel's own limit is 31. LibreOffice has none. */
const maxSheetNameCharacters = 200;

/**
 * Reads one sheet.
 * @param bytes a file for which `isSpreadsheet` is true
 * @param wanted the name of the sheet; without it, the first visible sheet with addresses, or else the first that is not empty
 * @throws {UnreadableTable} when the file is damaged, protected or beyond the limits, or has no such sheet
 */
export function readSpreadsheet(bytes: Uint8Array, limits: TableLimits, wanted?: string): Table {
  const workbook = isPackage(bytes) ? parsePackage(bytes, limits) : parse(bytes);
  checkSheetNames(workbook.SheetNames);
  const date1904 = workbook.Workbook?.WBProps?.date1904 === true;
  const visible = workbook.SheetNames.filter((_, at) => !workbook.Workbook?.Sheets?.[at]?.Hidden);
  const tables = new Map<string, Table>();
  for (const sheet of visible) {
    const rows = rowsOf(workbook.Sheets[sheet]?.['!data'] ?? [], date1904, limits);
    if (rows.length > 0) tables.set(sheet, { rows, sheet });
  }
  const sheets = [...tables.keys()];
  const found =
    wanted === undefined
      ? ([...tables.values()].find((table) => guessColumns(table).columns.includes('email')) ??
        tables.values().next().value)
      : tables.get(wanted);
  if (found) return { ...found, sheets };
  if (wanted === undefined) throw new UnreadableTable('empty', 'No sheet of the file has a cell with text.');
  throw new UnreadableTable('unknownSheet', `The file has no sheet "${wanted}". It has: ${sheets.join(', ')}.`);
}

function parsePackage(bytes: Uint8Array, limits: TableLimits): XLSX.WorkBook {
  const parts = unpack(bytes, limits);
  // By this part SheetJS recognises an .ods file, too.
  return parse(zipSync(parts, { level: 0 }), 'META-INF/manifest.xml' in parts);
}

/** @param hasText whether the file holds the text of each cell. Otherwise SheetJS would format the cells, without any limit. */
function parse(bytes: Uint8Array, hasText = false): XLSX.WorkBook {
  try {
    // SheetJS copies other arrays than buffers.
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const cells = { cellHTML: false, cellFormula: false, cellText: hasText, cellNF: true };
    return XLSX.read(buffer, { type: 'buffer', dense: true, ...cells });
  } catch (error) {
    throw explain(error);
  }
}

function checkSheetNames(names: string[]): void {
  if (names.length > maxSheets) throw tooLarge(`The file has more than ${maxSheets} sheets.`);
  // SheetJS knows no name of a sheet in a damaged .ods file.
  const isTooLong = names.some((name: string | undefined) => (name?.length ?? 0) > maxSheetNameCharacters);
  if (isTooLong) throw tooLarge(`The name of a sheet has more than ${maxSheetNameCharacters} characters.`);
}

/**
 * Unpacks a package. SheetJS gets it packed again, without compression. Thus the parser cannot be made to unpack more than the limit:
 * a compressed part gets a buffer of the size that the package's directory declares, however much its data would give, and a
 * stored part has the size of its bytes in the file. Parts that share bytes of the file would unpack them again and again.
 */
function unpack(bytes: Uint8Array, { maxUnpackedBytes: maxBytes, maxCells }: TableLimits): Unzipped {
  let packed = 0;
  let total = 0;
  let count = 0;
  try {
    const parts = unzipSync(bytes, {
      filter({ name, size, originalSize, compression }) {
        packed += size;
        if (++count > maxParts) throw tooLarge(`The file has more than ${maxParts} parts.`);
        if (packed > bytes.length) throw new Error('parts of the file overlap');
        if (compression === 0 && size !== originalSize) throw new Error('a part of the file has two sizes');
        if (!usefulPart.test(name)) return false;
        total += Math.max(size, originalSize);
        if (total > maxBytes) throw tooLarge(`The file is larger than ${maxBytes} bytes when it is unpacked.`);
        return true;
      },
    });
    for (const [name, part] of Object.entries(parts)) {
      removeLinks(part);
      if (odsPart.test(name)) checkOds(Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString(), maxCells);
    }
    return parts;
  } catch (error) {
    throw explain(error);
  }
}

/**
 * Renames the elements of links, which nobody reads here. SheetJS visits each cell of a link's range, so that a file of 240 kB
 * with a hundred thousand links over all cells would keep the reader busy for minutes.
 */
function removeLinks(part: Uint8Array): void {
  const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
  for (let at = bytes.indexOf('hyperlink '); at !== -1; at = bytes.indexOf('hyperlink ', at + 1)) {
    let start = at;
    if (bytes[start - 1] === 0x3a)
      do start--;
      while (isWordByte(bytes[start - 1]));
    // In the text of a cell, `<` stands as an entity.
    if (bytes[start - 1] === 0x3c) bytes.write('x', at);
  }
}

/** Whether a byte may stand in the prefix of an element's name, as SheetJS reads it: a letter, a digit or `_`. */
function isWordByte(byte: number | undefined): boolean {
  return byte !== undefined && /\w/.test(String.fromCharCode(byte));
}

/** The libraries tell the kind of a failure by its message alone. */
function explain(error: unknown): UnreadableTable {
  if (error instanceof UnreadableTable) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/password|encrypt/i.test(message)) {
    return new UnreadableTable('encrypted', 'A password protects the file. Save a copy without one.');
  }
  if (/unsupported|cannot find workbook/i.test(message)) {
    return new UnreadableTable(
      'notATable',
      'The file is no spreadsheet that the site reads. Save it as .xlsx or .csv.',
    );
  }
  return new UnreadableTable('damaged', `The file is damaged (${message}). Save it again.`);
}

/**
 * Visits the cells that exist. The extent that a sheet declares may be a million rows of nothing, and a loop over the length of
 * a sparse array visits all of them.
 */
function rowsOf(data: (XLSX.CellObject | undefined)[][], date1904: boolean, limits: RowLimits): TableRow[] {
  const collector = new RowCollector(limits);
  if (data.length > maxSheetRows) throw tooLarge(`A sheet has more than ${maxSheetRows} rows.`);
  for (const at in data) {
    const row = data[at] ?? [];
    if (row.length > maxSheetColumns) throw tooLarge(`A row has more than ${maxSheetColumns} cells.`);
    const cells: string[] = [];
    for (const column in row) {
      const text = inOneLine(textOf(row[column], date1904));
      if (text.trim() === '') continue;
      while (cells.length < Number(column)) cells.push('');
      cells.push(text);
    }
    if (cells.length > 0) collector.add(Number(at) + 1, cells);
  }
  return collector.rows;
}
