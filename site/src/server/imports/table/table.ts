/** The types of the table reader: a table, its limits, and the error of a file that is not a readable table. */

/** One row of a file. Blank rows are left out. */
export interface TableRow {
  /** The number that a spreadsheet shows beside the row, from 1. Of a text file, blank rows count, and a `sep=` line does not. */
  line: number;
  /** The text of each cell, as the person who made the file sees it, in one line. */
  cells: string[];
}

/** The content of a text file, or of one sheet of a spreadsheet. */
export interface Table {
  rows: TableRow[];
  /** The name of the sheet that the rows come from. */
  sheet?: string;
  /** The names of all sheets that hold something, in the order of the file. */
  sheets?: string[];
  /** The encoding of a text file, as the WHATWG names it, or `cp850`, or `mixed` for UTF-8 and another one line by line. */
  encoding?: string;
  /** The character between the cells of a text file. */
  delimiter?: string;
}

/** The bounds of one read. A file beyond one of them is refused as a whole. */
export interface TableLimits {
  /** SITE_TABLE_ROWS: the number of rows. */
  maxRows: number;
  /** SITE_TABLE_CELLS: the number of cells, blank ones between others included. */
  maxCells: number;
  /** SITE_TABLE_CHARACTERS: the length of the text of all cells. */
  maxCharacters: number;
  /** SITE_TABLE_UNPACKED_BYTES: the size of the unpacked content of a spreadsheet. */
  maxUnpackedBytes: number;
  /** SITE_TABLE_HEAP_MB: the heap of the process that reads, in MiB. */
  maxHeapMb: number;
  /** SITE_TABLE_MEMORY_MB: the resident memory of that process, in MiB. Buffers are not part of the heap. */
  maxMemoryMb: number;
  /** SITE_TABLE_TIMEOUT_MS: the time of one read. A small file gets a twentieth of it on the processor, a large one all of it. */
  timeoutMs: number;
}

/** The defaults of the settings SITE_TABLE_…, and the limits where the caller names none. */
export const defaultLimits: TableLimits = {
  maxRows: 120_000,
  maxCells: 2_000_000,
  maxCharacters: 33_554_432,
  maxUnpackedBytes: 134_217_728,
  maxHeapMb: 192,
  maxMemoryMb: 400,
  timeoutMs: 60_000,
};

/** Why a file cannot be read. */
export type UnreadableReason =
  /** The file has no cell with text. */
  | 'empty'
  /** The file is no text and no spreadsheet that the site reads. */
  | 'notATable'
  /** A quote opens a cell and never closes it. `line` says in which row. */
  | 'unclosedQuote'
  /** The spreadsheet is protected by a password. */
  | 'encrypted'
  /** The spreadsheet is incomplete or broken. */
  | 'damaged'
  /** The file has more rows or cells than the limits, `limit` says how many rows may be. */
  | 'tooManyRows'
  /** The file needs more memory or time than the limits. */
  | 'tooLarge'
  /** The spreadsheet has no sheet of that name. */
  | 'unknownSheet';

/** Tells why a file cannot be read as a table. The pages have a sentence for each reason. */
export class UnreadableTable extends Error {
  override name = 'UnreadableTable';

  /** The reason, for the page. */
  readonly reason: UnreadableReason;
  /** The row of the file, from 1, or the limit that the file exceeds. */
  readonly details: { line?: number; limit?: number };

  constructor(reason: UnreadableReason, message: string, details: { line?: number; limit?: number } = {}) {
    super(message);
    this.reason = reason;
    this.details = details;
  }
}

/** @returns the error of a file with more rows or cells than the limits */
export function tooManyRows(limit: number): UnreadableTable {
  return new UnreadableTable('tooManyRows', `The file has more than ${limit} rows. Split it into several.`, { limit });
}

/** @returns the error of a file that needs more memory or time than the limits */
export function tooLarge(reason: string): UnreadableTable {
  return new UnreadableTable('tooLarge', `${reason} Split the list into several files, or save it as .csv.`);
}
