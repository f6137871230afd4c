/**
 * Reads and writes CSV.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
import { guardFormulas, removeFormulaGuards } from './formula-guard.ts';

/** Without this mark at its start, Excel reads a UTF-8 file as Windows-1252. */
export const byteOrderMark = '\ufeff';

/** @returns one record with its line end; cells are quoted where they need it */
export function writeCsvLine(cells: (string | number)[], delimiter = ','): string {
  return `${cells.map((cell) => writeCell(cell, delimiter)).join(delimiter)}\r\n`;
}

function writeCell(cell: string | number, delimiter: string): string {
  if (typeof cell === 'number') return String(cell);
  const text = guardFormulas(cell);
  return /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One record of a file. */
export interface CsvRecord {
  /** The line on which the record begins, from 1. */
  line: number;
  cells: string[];
}

/** The records of a file, up to a quote that is never closed. */
export interface CsvTable {
  records: CsvRecord[];
  /** The line of the record whose quote is never closed. */
  unclosed?: number;
}

/** Reads a CSV file. The separator is the comma or the semicolon, by the first line's count; empty lines are left out. */
export function readCsv(text: string): CsvTable {
  const source = text.startsWith(byteOrderMark) ? text.slice(1) : text;
  const separator = separatorOf(source);
  const records: CsvRecord[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let start = 1;

  const endCell = () => {
    cells.push(removeFormulaGuards(cell));
    cell = '';
  };
  const endRecord = () => {
    endCell();
    if (cells.some((text) => text.trim() !== '')) records.push({ line: start, cells });
    cells = [];
  };

  for (let at = 0; at < source.length; at++) {
    const char = source[at];
    if (char === '\n') line++;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (source[at + 1] === '"') {
        cell += '"';
        at++;
      } else quoted = false;
    } else if (char === '"' && cell.trim() === '') {
      cell = '';
      quoted = true;
    } else if (char === separator) endCell();
    else if (char === '\n' || (char === '\r' && source[at + 1] !== '\n')) {
      endRecord();
      start = line;
    } else if (char !== '\r') cell += char;
  }
  if (quoted) return { records, unclosed: start };
  endRecord();
  return { records };
}

function separatorOf(source: string): string {
  const first = source.slice(0, source.search(/[\r\n]|$/));
  return first.split(';').length > first.split(',').length ? ';' : ',';
}
