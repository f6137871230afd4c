/** Turns a CSV file into rows to import, in the browser, and marks the faults of each row. */
import { readCsv } from './csv.ts';
import { checkField, cleanField, emailKey, type Fault } from './user-fields.ts';

/** A larger file would make the page slow: every row is an object and a table row. */
export const maxRows = 50_000;

/** `ready` and `bad` come from parsing; the import sets the others. */
export type RowState = 'ready' | 'bad' | 'sending' | 'done' | 'refused' | 'stopped';

/** One record of the file, with its faults and the state of its import. */
export interface Row {
  /** The line of the file on which the record begins, from 1. */
  line: number;
  name: string;
  email: string;
  state: RowState;
  nameFault?: Fault | undefined;
  emailFault?: Fault | undefined;
  /** The earlier line that has the same e-mail. */
  duplicateOf?: number | undefined;
  /** The reason why the API refused the row, in the reader's language. */
  refusal?: string | undefined;
}

/** The rows, or the reason why the file as a whole cannot be imported. */
export type ParsedImport =
  | { kind: 'rows'; rows: Row[] }
  | { kind: 'noColumns' | 'empty' | 'tooLarge' }
  | { kind: 'unclosed'; line: number };

/** The accepted column names, in English and Portuguese. */
const titles = { name: ['name', 'nome'], email: ['email', 'e-mail', 'mail'] };

/** @param text a CSV file whose first record names the columns, in any order and case */
export function parseImport(text: string): ParsedImport {
  const { records, unclosed } = readCsv(text);
  if (unclosed !== undefined) return { kind: 'unclosed', line: unclosed };
  const [head, ...body] = records;
  if (!head) return { kind: 'empty' };
  const words = head.cells.map((cell) => cell.trim().toLowerCase());
  const nameAt = words.findIndex((word) => titles.name.includes(word));
  const emailAt = words.findIndex((word) => titles.email.includes(word));
  if (nameAt === -1 || emailAt === -1) return { kind: 'noColumns' };
  if (body.length === 0) return { kind: 'empty' };
  if (body.length > maxRows) return { kind: 'tooLarge' };

  const seen = new Map<string, number>();
  const rows = body.map(({ line, cells }): Row => {
    const name = cleanField('name', cells[nameAt] ?? '');
    const email = cleanField('email', cells[emailAt] ?? '');
    const nameFault = checkField('name', name);
    const emailFault = checkField('email', email);
    const key = emailKey(email);
    const duplicateOf = emailFault ? undefined : seen.get(key);
    if (!emailFault && duplicateOf === undefined) seen.set(key, line);
    const bad = nameFault || emailFault || duplicateOf !== undefined;
    return { line, name, email, state: bad ? 'bad' : 'ready', nameFault, emailFault, duplicateOf };
  });
  return { kind: 'rows', rows };
}
