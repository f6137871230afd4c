/**
 * Writes CSV on the site server. `server/imports/table/read-text.ts` reads it.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
import { guardFormulas } from './formula-guard.ts';

/** Without this mark at its start, Excel reads a UTF-8 file as Windows-1252. */
export const byteOrderMark = '\ufeff';

/**
 * @param delimiter the character between cells
 * @returns one record with its line end; cells are quoted where they need it
 */
export function writeCsvLine(cells: (string | number)[], delimiter = ','): string {
  return `${cells.map((cell) => writeCell(cell, delimiter)).join(delimiter)}\r\n`;
}

function writeCell(cell: string | number, delimiter: string): string {
  if (typeof cell === 'number') return String(cell);
  const text = guardFormulas(cell);
  return /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
}
