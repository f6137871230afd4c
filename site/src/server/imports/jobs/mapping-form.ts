/** Reads the form in which a reader says what each column of a file holds. */
import { textOf } from '../../../lib/form-data.ts';
import type { ColumnKind, ColumnMapping } from '../table/columns.ts';
import { parseMailbox } from '../table/mailbox.ts';
import type { Job } from './job.ts';

/** The kinds of a column, in the order in which the form offers them. */
export const columnKinds = ['ignore', 'name', 'givenName', 'familyName', 'email'] as const satisfies ColumnKind[];

/** @returns the choice of the form; a column without a valid choice is ignored */
export function readMapping(form: FormData, job: Pick<Job, 'columns' | 'head'>): ColumnMapping {
  const columns = Array.from({ length: job.columns }, (_, column): ColumnKind => {
    const chosen = textOf(form, `column-${column}`);
    return columnKinds.find((kind) => kind === chosen) ?? 'ignore';
  });
  const titles = textOf(form, 'titles');
  const headerRow = /^\d{1,2}$/.test(titles) && Number(titles) < job.head.length ? Number(titles) : undefined;
  return { ...(headerRow !== undefined && { headerRow }), columns, isConfident: true };
}

/** Whether a mapping names an e-mail and a name, which may stand before the e-mail in one cell. */
export function isComplete({ columns }: ColumnMapping, { head }: Pick<Job, 'head'>): boolean {
  const email = columns.indexOf('email');
  if (email === -1) return false;
  if (columns.some((kind) => kind !== 'email' && kind !== 'ignore')) return true;
  return head.some(({ cells }) => parseMailbox(cells[email] ?? '')?.name);
}

/** @returns the mapping with the e-mails of another column; unchanged if that column has none */
export function withEmailColumn(form: FormData, { mapping, emailColumns }: Job): ColumnMapping {
  const chosen = emailColumns.find((at) => String(at) === textOf(form, 'column'));
  if (chosen === undefined) return mapping;
  const kindOf = (kind: ColumnKind, at: number) => (at === chosen ? 'email' : kind === 'email' ? 'ignore' : kind);
  return { ...mapping, columns: mapping.columns.map(kindOf), isConfident: true };
}
