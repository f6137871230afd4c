/** Reads the form in which a reader says what each column of a file holds. */
import { textOf } from '../../../lib/form-data.ts';
import type { ColumnKind, ColumnMapping } from '../table/columns.ts';
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

/** Whether a mapping names an e-mail and a name. */
export function isComplete({ columns }: ColumnMapping): boolean {
  return columns.includes('email') && columns.some((kind) => kind !== 'email' && kind !== 'ignore');
}
