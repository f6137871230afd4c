/** Reads any table that a person uploads or pastes. */
import { decodeText } from './decode.ts';
import { readText } from './read-text.ts';
import { type Table, type TableLimits, UnreadableTable } from './table.ts';

/** The limits where the caller names none. The settings of the site have the same defaults. */
export const defaultLimits: TableLimits = {
  maxRows: 100_000,
  maxCells: 5_000_000,
  maxUnpackedBytes: 268_435_456,
  maxHeapMb: 256,
  timeoutMs: 60_000,
};

/**
 * Reads a file by its content, whatever its name says. A pasted block is a file in UTF-8.
 * @param bytes the whole file
 * @param fileName the name that the person gave the file, for messages
 * @param options.sheet the sheet of a spreadsheet to read; without it, the first one that holds a table of people
 * @throws {UnreadableTable} when there is no table in the file, or one beyond the limits
 */
export async function readTable(
  bytes: Uint8Array,
  fileName: string,
  options: { sheet?: string; limits?: TableLimits } = {},
): Promise<Table> {
  const { text, encoding } = await decodeText(bytes);
  const table = readText(text, options.limits ?? defaultLimits);
  if (table.rows.length === 0) throw new UnreadableTable('empty', `"${fileName}" has no row with text.`);
  return { ...table, encoding };
}
