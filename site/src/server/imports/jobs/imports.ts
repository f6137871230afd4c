/** The imports of this site server: the pages begin, continue and undo them here. */
import { readFile } from 'node:fs/promises';
import { type ColumnMapping, guessColumns } from '../table/columns.ts';
import { readTable } from '../table/read-table.ts';
import type { Table, TableLimits } from '../table/table.ts';
import { type Job, noCounts, rowsToImport } from './job.ts';
import type { JobRunner } from './job-runner.ts';
import type { JobStore } from './job-store.ts';
import { batchesOf, rowsOf } from './prepare.ts';
import { receiveUpload } from './upload.ts';

/** The number of rows that the page of the columns shows. */
const headRows = 12;
const maxHeadColumns = 60;
const maxHeadCharacters = 100;

/** The parts that imports work with. */
export interface ImportsParts {
  store: JobStore;
  runner: JobRunner;
  /** The largest file, in bytes. */
  maxUploadBytes: number;
  tableLimits: TableLimits;
}

/** @returns the functions that pages call. Each of them changes the given job. */
export function createImports({ store, runner, maxUploadBytes, tableLimits }: ImportsParts) {
  let reading: Promise<unknown> = Promise.resolve();
  /** Reads one file at a time, so that the bytes of one file at most are in memory. */
  const read = (path: string, fileName: string, sheet?: string): Promise<Table> => {
    const next = reading.then(async () =>
      readTable(await readFile(path), fileName, { limits: tableLimits, ...(sheet !== undefined && { sheet }) }),
    );
    reading = next.catch(() => {});
    return next;
  };

  /** Stores the rows that a choice of columns gives, in place of earlier ones. */
  async function takeRows(job: Job, table: Table, mapping: ColumnMapping): Promise<void> {
    const rows = rowsOf(table, mapping);
    await store.clear(job.id);
    for (const batch of batchesOf(rows)) await store.rows(job.id).append(batch);
    job.mapping = mapping;
    job.rows = rows.length;
    job.step = 'check';
    job.state = 'waiting';
  }

  /**
   * Receives a form with a file and makes a job of it. The check begins at once if the columns are clear.
   * @throws {UploadRefused}, {UnreadableTable}, {TooManyImports}
   * @throws Error with the code of the system, such as ENOSPC
   */
  async function upload(request: Request): Promise<Job> {
    const id = await store.reserve();
    try {
      const { path, fileName } = await receiveUpload(request, maxUploadBytes, (part) => store.uploadPath(id, part));
      await store.keepUpload(id, path);
      const table = await read(store.uploadPath(id), fileName);
      const mapping = guessColumns(table);
      const job: Job = {
        id,
        createdAt: new Date().toISOString(),
        fileName,
        ...describe(table),
        mapping,
        rows: 0,
        step: 'check',
        state: 'waiting',
        updates: false,
        ...structuredClone(noCounts),
        finished: 0,
        total: 0,
        uncertain: 0,
        seen: false,
      };
      if (mapping.isConfident) await takeRows(job, table, mapping);
      await store.save(job);
      if (job.rows > 0) await runner.start(job, 'check');
      return job;
    } catch (error) {
      await store.remove(id);
      throw error;
    }
  }

  /** Shows another sheet of the workbook, whose columns are guessed anew. */
  async function chooseSheet(job: Job, sheet: string): Promise<void> {
    const table = await read(store.uploadPath(job.id), job.fileName, sheet);
    Object.assign(job, describe(table), { mapping: guessColumns(table), rows: 0, step: 'check', state: 'waiting' });
    await store.clear(job.id);
    await store.save(job);
  }

  /** Takes the rows by the reader's choice of columns, and checks them. */
  async function chooseColumns(job: Job, mapping: ColumnMapping): Promise<void> {
    const table = await read(store.uploadPath(job.id), job.fileName, job.sheet);
    await takeRows(job, table, mapping);
    await store.save(job);
    if (job.rows > 0) await runner.start(job, 'check');
  }

  /**
   * Does what a button of the import's page asks for. A button that does not fit the state of the job, such as one of an
   * outdated page, does nothing.
   * @param updates whether existing users get the names of the file
   */
  async function act(job: Job, action: string, updates: boolean): Promise<void> {
    const { step, state } = job;
    const isAtRest = state === 'stopped' || state === 'failed';
    if (action === 'stop') runner.stop(job);
    else if (action === 'go-on' && isAtRest) await runner.start(job, step);
    else if (action === 'import' && step === 'check' && state === 'done' && rowsToImport({ ...job, updates }) > 0) {
      job.updates = updates;
      await runner.start(job, 'import');
    } else if (action === 'undo' && step === 'import' && (isAtRest || state === 'done')) {
      await runner.start(job, 'undo');
    }
  }

  /** Notes that the reader has seen how the step ended. */
  async function markSeen(job: Job): Promise<void> {
    if (job.seen) return;
    job.seen = true;
    await store.save(job);
  }

  return { upload, chooseSheet, chooseColumns, act, markSeen };
}

function describe({ rows, sheet, sheets }: Table): Pick<Job, 'sheets' | 'sheet' | 'head' | 'columns'> {
  const head = rows
    .slice(0, headRows)
    .map(({ cells }) => cells.slice(0, maxHeadColumns).map((cell) => cell.slice(0, maxHeadCharacters)));
  const columns = rows.reduce((most, { cells }) => Math.max(most, cells.length), 0);
  return { sheets: sheets ?? [], sheet, head, columns: Math.min(columns, maxHeadColumns) };
}
