/** Reads the cells of a text file: CSV with any delimiter, or a block that a person copied from a spreadsheet. */
import { CsvError, type InfoRecord, type Options, parse } from 'csv-parse/sync';
import { removeFormulaGuards } from '../../../lib/formula-guard.ts';
import { isAddress, parseMailbox } from './mailbox.ts';
import { RowCollector, type RowLimits } from './row-collector.ts';
import { type Table, UnreadableTable } from './table.ts';

/** The delimiters that occur, the most usual first. */
const delimiters = [',', ';', '\t', '|', '^', '~', ':'];

const lineBreak = /[\n\r\u2028\u2029]/;

/** How many records decide the delimiter. */
const sampleRecords = 100;

const common: Options = {
  record_delimiter: ['\r\n', '\n', '\r'],
  relax_column_count: true,
  relax_quotes: true,
  // csv-parse makes an error for each record that has not as many cells as the first one, and a file may be all blank lines.
  skip_empty_lines: true,
};

/**
 * Reads a text file.
 * @param text the file, decoded
 * @throws {UnreadableTable} `unclosedQuote`, `tooManyRows` or `tooLarge`
 */
export function readText(text: string, limits: RowLimits): Table {
  // Excel writes and obeys a first line such as `sep=;`.
  const [directive = '', declared] = /^"?sep=(.)"?(?:\r\n?|\n|$)/i.exec(text) ?? [];
  const body = text.slice(directive.length);
  const delimiter = declared ?? guessDelimiter(body);
  const collector = new RowCollector(limits);
  const onRecord = (record: string[], { records, empty_lines }: InfoRecord): null => {
    collector.add(
      records + empty_lines,
      record.map((cell) => inOneLine(removeFormulaGuards(cell))),
    );
    return null;
  };
  // The stacks of these errors, which nobody sees, would take more time than all else.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    parse(body, { ...common, delimiter, on_record: onRecord });
  } catch (error) {
    if (!(error instanceof CsvError) || error.code !== 'CSV_QUOTE_NOT_CLOSED') throw error;
    const { records, empty_lines } = error as CsvError & InfoRecord;
    const line = records + empty_lines + 1;
    throw new UnreadableTable('unclosedQuote', `Row ${line} opens a quote that is never closed.`, { line });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return { rows: collector.rows, delimiter };
}

/** @returns the text with a space in the place of each line break and the blanks around it */
export function inOneLine(text: string): string {
  if (!lineBreak.test(text)) return text;
  return text
    .split(lineBreak)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}

/**
 * Chooses the delimiter that leaves the most cells with exactly an e-mail address. Where none does, as in a file of names
 * alone, it chooses the one that gives the most records the same number of cells.
 */
function guessDelimiter(text: string): string {
  const scores = delimiters.map((delimiter) => ({ delimiter, ...score(text, delimiter) }));
  const [best] = scores.sort((a, b) => b.addresses - a.addresses || b.regular - a.regular);
  return best && best.addresses + best.regular > 0 ? best.delimiter : ',';
}

function score(text: string, delimiter: string): { addresses: number; regular: number } {
  const widths = new Map<number, number>();
  let addresses = 0;
  try {
    parse(text, {
      ...common,
      delimiter,
      to: sampleRecords,
      on_record(cells: string[]) {
        if (cells.some((cell) => isColumn(cell, cells.length))) addresses++;
        if (cells.length < 2) return null;
        widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1);
        return null;
      },
    });
  } catch {
    // The records before an unclosed quote still tell the delimiter.
  }
  return { addresses, regular: Math.max(0, ...widths.values()) };
}

/**
 * Whether a cell with an address speaks for the delimiter. A comma and a space stand inside a name, as in
 * `Schmidt, Anna <anna@example.com>`, and delimit no cells.
 */
function isColumn(cell: string, count: number): boolean {
  const mailbox = parseMailbox(cell);
  if (count < 2) return mailbox !== undefined && !/[;\t|]|,\S/.test(mailbox.name);
  return mailbox === undefined ? isAddress(cell) : /^\S/.test(cell);
}
