/** Collects the rows of a table within the limits, for the readers of text files and of spreadsheets. */
import { cutText } from '../../../lib/cut-text.ts';
import { type TableLimits, type TableRow, tooLarge, tooManyRows } from './table.ts';

/** The most columns that Excel has. */
const maxColumns = 16_384;
/** The longest cell that Excel has. A longer one, such as a picture in a text file, is cut. */
const maxCellCharacters = 32_767;
/** A job keeps rows line by line, and reads each line as a whole. */
const maxRowCharacters = 1_000_000;

/** The limits that concern rows. */
export type RowLimits = Pick<TableLimits, 'maxRows' | 'maxCells' | 'maxCharacters'>;

/** Rows that are added one by one. */
export class RowCollector {
  /** The rows so far. Blank ones are left out. */
  readonly rows: TableRow[] = [];
  readonly #limits: RowLimits;
  #cells = 0;
  #characters = 0;

  constructor(limits: RowLimits) {
    this.#limits = limits;
  }

  /**
   * Adds a row, unless it is blank.
   * @param line the line of a text file, or the row of a sheet, from 1
   * @throws {UnreadableTable} `tooManyRows` or `tooLarge`
   */
  add(line: number, cells: string[]): void {
    const { maxRows, maxCells, maxCharacters } = this.#limits;
    const kept = cells.map((cell) => cutText(cell, maxCellCharacters));
    const characters = kept.reduce((sum, { length }) => sum + length, 0);
    this.#cells += kept.length;
    this.#characters += characters;
    if (kept.some((cell) => cell.trim() !== '')) this.rows.push({ line, cells: kept });
    if (this.rows.length > maxRows || this.#cells > maxCells) throw tooManyRows(maxRows);
    if (kept.length > maxColumns) throw tooLarge(`Row ${line} has more than ${maxColumns} cells.`);
    if (characters > maxRowCharacters) throw tooLarge(`Row ${line} has more than ${maxRowCharacters} characters.`);
    if (this.#characters > maxCharacters) throw tooLarge(`The file has more than ${maxCharacters} characters.`);
  }
}
