/** The shape of an import job, as `job.json` keeps it, and the results of its steps. */

import type { Fault } from '../../../lib/user-fields.ts';
import type { ColumnMapping } from '../table/columns.ts';
import type { TableRow } from '../table/table.ts';

/** The work of a job: it checks the rows, imports them and takes an import back. Each step follows the one before. */
export type Step = 'check' | 'import' | 'undo';

/** The state of the step. `stopped` and `failed` steps can go on. */
export type StepState = 'waiting' | 'working' | 'stopped' | 'failed' | 'done';

/** Why a step stopped or failed. */
export type Reason =
  /** The reader pressed Stop. */
  | 'person'
  /** The site was restarted. */
  | 'restart'
  /** The API refused a whole batch or keeps failing. */
  | 'refused'
  /** The session of the person has ended. */
  | 'signedOut'
  /** The results could not be written to the disk. */
  | 'disk';

/** How many rows the check put into each group. The groups do not overlap. */
export interface CheckCounts {
  /** Nobody has the e-mail yet. */
  created: number;
  /** A user has the e-mail and another name. */
  existing: number;
  /** A user has the e-mail and the same name. */
  same: number;
  faulty: number;
  /** An earlier row of the file has the same e-mail. */
  twice: number;
}

/** How many users the import wrote, and how many rows the API refused although the check had found no fault. */
export interface ImportCounts {
  created: number;
  updated: number;
  refused: number;
}

/** How many users the undo deleted or gave their earlier values, and how many somebody changed or deleted before. */
export interface UndoCounts {
  deleted: number;
  restored: number;
  kept: number;
}

/** A row of the file that may become a user. */
export interface ImportRow {
  /** Number of the row, as a spreadsheet shows it. */
  line: number;
  name: string;
  email: string;
  /** Cells of the file, for the download of refused rows. */
  cells: string[];
  nameFault?: Fault | undefined;
  emailFault?: Fault | undefined;
  /** The earlier row that has the same e-mail. */
  twiceOf?: number | undefined;
}

/** A fault that the API names. */
export interface ApiFault {
  field: string;
  code?: string;
  message: string;
}

/** The result of the check for one row. */
export type CheckResult =
  | { kind: 'created' }
  /** `name` is the present name of the user. */
  | { kind: 'existing'; id: number; name: string }
  | { kind: 'same'; id: number }
  | { kind: 'faulty'; errors?: ApiFault[] }
  | { kind: 'twice' };

/**
 * The result of the import for one row. `left` is a row that the reader decided not to import. A refused row with `isForgotten`
 * may have been imported by an earlier request, whose answer got lost and which the API has forgotten.
 */
export type ImportResult =
  | { kind: 'created'; id: number; version: number }
  | { kind: 'updated'; id: number; version: number; previous: { name: string; email: string } }
  | { kind: 'refused'; status: number; errors?: ApiFault[]; isForgotten?: boolean }
  | { kind: 'left' };

/** The result of the undo for one row. `none` is a row that the import did not write. A row that it perhaps wrote has no id. */
export type UndoResult =
  | { kind: 'deleted' | 'restored'; id: number }
  | { kind: 'kept'; id?: number }
  | { kind: 'none' };

/** An import of one file. */
export interface Job {
  /** 22 random characters of base64url: nobody can guess the address of a job. */
  id: string;
  /** ISO 8601. */
  createdAt: string;
  /** The name of the client that sent the file, by `ClientNames`; undefined for imports of earlier versions. */
  client?: string | undefined;
  /** The id of the person whose import it is; undefined where AUTH was off. */
  owner?: string | undefined;
  /** Name of the uploaded file; '' for a pasted block. */
  fileName: string;
  /** The sheets of a workbook, and the one that is read. */
  sheets: string[];
  sheet?: string | undefined;
  mapping: ColumnMapping;
  /** First rows of the table, for the choice of the columns. */
  head: TableRow[];
  /** Largest number of cells in a row. */
  columns: number;
  /** Indexes of the columns with e-mail addresses. */
  emailColumns: number[];
  /** Number of rows that may become users. */
  rows: number;
  step: Step;
  state: StepState;
  reason?: Reason | undefined;
  /** Whether the import gives existing users the names of the file. */
  updates: boolean;
  checked: CheckCounts;
  imported: ImportCounts;
  undone: UndoCounts;
  /** Rows of the step so far, whatever their results, and all rows of the step. */
  finished: number;
  total: number;
  /** Rows of a batch whose answer never arrived, so that nobody knows yet if it was written. */
  uncertain: number;
  /** Whether the reader has seen how the step ended. */
  seen: boolean;
}

/**
 * Whether a person may see a job and work on it. An import has the rows of a file, so that it is its owner's alone. One from a time
 * without accounts is left to administrators.
 * @param person undefined while AUTH is off: then a job is open to whoever has its address
 */
export function mayUse({ owner }: Pick<Job, 'owner'>, person: { id: string; role: string } | undefined): boolean {
  if (person === undefined) return true;
  return owner === undefined ? person.role === 'administrator' : owner === person.id;
}

/** @returns the number of rows that the import writes, once the reader has decided about existing users */
export function rowsToImport({ checked, updates }: Pick<Job, 'checked' | 'updates'>): number {
  return checked.created + (updates ? checked.existing : 0);
}

/** @returns the number of rows that an import, which stopped early, has not tried */
export function rowsNotTried(job: Job): number {
  const { created, updated, refused } = job.imported;
  return rowsToImport(job) - created - updated - refused;
}

/** @returns the number of rows that the reader decided not to import, or that have faults */
export function rowsLeftOut(job: Pick<Job, 'checked' | 'updates' | 'rows'>): number {
  return job.rows - rowsToImport(job) - job.checked.same;
}

/** Whether some row has a fault, was refused or not reached, or could not be undone. */
export function hasProblems(job: Job): boolean {
  const { checked, step, imported, undone } = job;
  if (step === 'undo') return undone.kept > 0;
  const faults = checked.faulty + checked.twice;
  return faults > 0 || (step === 'import' && imported.refused + rowsNotTried(job) > 0);
}

/** The counts of a job that has done nothing yet. */
export const noCounts = {
  checked: { created: 0, existing: 0, same: 0, faulty: 0, twice: 0 },
  imported: { created: 0, updated: 0, refused: 0 },
  undone: { deleted: 0, restored: 0, kept: 0 },
} as const satisfies Pick<Job, 'checked' | 'imported' | 'undone'>;
