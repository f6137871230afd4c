/** Joins the rows of a job with the results of its steps, for the pages and for the download. */
import type { CheckResult, ImportResult, ImportRow, Job, UndoResult } from './job.ts';
import type { JobStore } from './job-store.ts';

/** A row with its results so far. */
export interface ReportRow {
  row: ImportRow;
  check?: CheckResult | undefined;
  imported?: ImportResult | undefined;
  undone?: UndoResult | undefined;
  /** Whether the import has sent the row, and nobody knows yet if it was written. */
  isUncertain: boolean;
}

/** Reads the rows of a job one batch at a time, in the order of the file. */
export async function* reportRows(
  store: JobStore,
  { id, uncertain }: Pick<Job, 'id' | 'uncertain'>,
): AsyncGenerator<ReportRow> {
  const checks = store.checkResults(id).read();
  const imports = store.importResults(id).read();
  const undos = store.undoResults(id).read();
  // The uncertain rows are in the first batch without results.
  let isNextUncertain = uncertain > 0;
  try {
    for await (const rows of store.rows(id).read()) {
      const check = (await checks.next()).value;
      const imported = (await imports.next()).value;
      const undone = (await undos.next()).value;
      const isUncertain = isNextUncertain && imported === undefined;
      if (isUncertain) isNextUncertain = false;
      for (const [index, row] of rows.entries()) {
        yield { row, check: check?.[index], imported: imported?.[index], undone: undone?.[index], isUncertain };
      }
    }
  } finally {
    await Promise.all([checks.return(undefined), imports.return(undefined), undos.return(undefined)]);
  }
}

/**
 * Takes one page out of the rows that a condition selects.
 * @param page number of the page, from 1
 * @returns the rows of the page, and whether another page follows
 */
export async function pageOf(
  rows: AsyncIterable<ReportRow>,
  isShown: (row: ReportRow) => boolean,
  page: number,
  size: number,
): Promise<{ rows: ReportRow[]; hasNext: boolean }> {
  const found: ReportRow[] = [];
  let passed = 0;
  for await (const row of rows) {
    if (!isShown(row)) continue;
    if (passed++ < (page - 1) * size) continue;
    if (found.length === size) return { rows: found, hasNext: true };
    found.push(row);
  }
  return { rows: found, hasNext: false };
}
