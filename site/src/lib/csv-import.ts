/** From a CSV file to rows that can be written, with what is wrong with the others. */
import { readCsv } from './csv.ts';
import { checkEmail, checkName, emailKey, type Fault } from './user-fields.ts';

export const mostRows = 50_000;

export type RowState = 'ready' | 'bad' | 'sending' | 'done' | 'refused' | 'stopped';

export interface Row {
  line: number;
  name: string;
  email: string;
  state: RowState;
  nameFault?: Fault | undefined;
  emailFault?: Fault | undefined;
  /** The line that has the same e-mail before this one. */
  duplicateOf?: number | undefined;
  /** Why the API refused it, in the reader's words. */
  refusal?: string | undefined;
}

export type Reading =
  | { kind: 'rows'; rows: Row[] }
  | { kind: 'noColumns' | 'empty' | 'tooLarge' }
  | { kind: 'unclosed'; line: number };

const titles = { name: ['name', 'nome'], email: ['email', 'e-mail', 'mail'] };

export function readImport(text: string): Reading {
  const { records, unclosed } = readCsv(text);
  if (unclosed !== undefined) return { kind: 'unclosed', line: unclosed };
  const [head, ...body] = records;
  if (!head) return { kind: 'empty' };
  const words = head.cells.map((cell) => cell.trim().toLowerCase());
  const nameAt = words.findIndex((word) => titles.name.includes(word));
  const emailAt = words.findIndex((word) => titles.email.includes(word));
  if (nameAt === -1 || emailAt === -1) return { kind: 'noColumns' };
  if (body.length === 0) return { kind: 'empty' };
  if (body.length > mostRows) return { kind: 'tooLarge' };

  const seen = new Map<string, number>();
  const rows = body.map(({ line, cells }): Row => {
    const name = cells[nameAt]?.trim() ?? '';
    const email = cells[emailAt]?.trim() ?? '';
    const nameFault = checkName(name);
    const emailFault = checkEmail(email);
    const key = emailKey(email);
    const duplicateOf = emailFault ? undefined : seen.get(key);
    if (!emailFault && duplicateOf === undefined) seen.set(key, line);
    const bad = nameFault || emailFault || duplicateOf !== undefined;
    return { line, name, email, state: bad ? 'bad' : 'ready', nameFault, emailFault, duplicateOf };
  });
  return { kind: 'rows', rows };
}
