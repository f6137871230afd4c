/** Parses a file of any kind. The process of `table-process.ts` runs it. */
import { isSpreadsheet } from './file-kind.ts';
import { type Table, type TableLimits, UnreadableTable } from './table.ts';

/**
 * Parses a file by its content. Each parser is loaded for its own files only.
 * @param bytes the whole file
 * @param sheet the sheet of a spreadsheet to read
 * @throws {UnreadableTable} when there is no table in the file, or one beyond the limits
 */
export async function parseTable(bytes: Uint8Array, limits: TableLimits, sheet?: string): Promise<Table> {
  const table = isSpreadsheet(bytes) ? await parseSpreadsheet(bytes, limits, sheet) : await parseText(bytes, limits);
  if (table.rows.length === 0) throw new UnreadableTable('empty', 'The file has no cell with text.');
  return table;
}

async function parseSpreadsheet(bytes: Uint8Array, limits: TableLimits, sheet?: string): Promise<Table> {
  const { readSpreadsheet } = await import('./read-spreadsheet.ts');
  return readSpreadsheet(bytes, limits, sheet);
}

async function parseText(bytes: Uint8Array, limits: TableLimits): Promise<Table> {
  const [{ decodeText }, { readText }] = await Promise.all([import('./decode.ts'), import('./read-text.ts')]);
  const { text, encoding } = await decodeText(bytes);
  return { ...readText(text, limits), encoding };
}
