/** The imports of this site server: the pages begin, continue and undo them here. */
import { readFile, stat } from 'node:fs/promises';
import { cutText } from '../../../lib/cut-text.ts';
import { type ColumnMapping, findAddressColumns } from '../table/columns.ts';
import { ReadQueue } from '../table/read-queue.ts';
import { type ReadTable, readTable } from '../table/read-table.ts';
import { type Table, type TableLimits, UnreadableTable } from '../table/table.ts';
import type { BatchRequests } from './batch-requests.ts';
import { type Job, noCounts, rowsToImport } from './job.ts';
import type { JobRunner } from './job-runner.ts';
import type { JobStore } from './job-store.ts';
import { batchesOf, rowsOf } from './prepare.ts';
import { receiveUpload } from './upload.ts';

/** The number of rows that the page of the columns shows, from the titles on. It also shows the rows above them. */
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
  /** The number of reads that may wait. */
  maxWaitingReads: number;
}

/** The request of a page that begins or continues an import. */
export interface Visit {
  /** The key of the client. */
  client: string;
  /** The id of the person who is signed in; undefined while AUTH is off. */
  owner: string | undefined;
  /** Sends the requests of the import as that person. */
  requests: BatchRequests;
  /** Aborts when the request is closed. */
  signal: AbortSignal;
}

/** @returns the functions that pages call. Each of them changes the given job. */
export function createImports({ store, runner, maxUploadBytes, tableLimits, maxWaitingReads }: ImportsParts) {
  const reads = new ReadQueue(maxWaitingReads);
  const read = async (id: string, fileName: string, signal: AbortSignal, sheet?: string): Promise<ReadTable> =>
    readTable(await readFile(store.uploadPath(id)), fileName, { limits: tableLimits, signal, sheet });

  const readerOf = async (id: string, client: string) => ({
    id,
    client,
    bytes: (await stat(store.uploadPath(id))).size,
  });

  /** Reads the file of a job again, and then changes the job, unless its rows are fixed meanwhile. */
  async function readAgain(
    job: Job,
    sheet: string | undefined,
    { client, signal: request }: Visit,
    change: (read: ReadTable) => Promise<void>,
  ): Promise<void> {
    return reads.run(await readerOf(job.id, client), request, (signal) =>
      store.use(job, async () => {
        if (!takesColumns(job)) return;
        const found = await read(job.id, job.fileName, signal, sheet);
        if (takesColumns(job)) await change(found);
      }),
    );
  }

  /** Stores the rows that a choice of columns gives, in place of earlier ones. */
  async function takeRows(job: Job, table: Table, mapping: ColumnMapping): Promise<void> {
    const rows = rowsOf(table, mapping);
    // An import must not begin while its rows are replaced.
    Object.assign(job, { mapping, rows: 0, step: 'check', state: 'waiting' });
    await store.clear(job.id);
    for (const batch of batchesOf(rows)) await store.rows(job.id).append(batch);
    job.rows = rows.length;
  }

  /**
   * Receives a form with a file and makes a job of it. The check begins at once if the columns are clear.
   * @throws {UploadRefused}, {UnreadableTable}, {ReadRefused}, {TooManyImports}
   * @throws Error with the code of the system, such as ENOSPC
   */
  async function upload(request: Request, { client, owner, requests }: Omit<Visit, 'signal'>): Promise<Job> {
    const id = await store.makeFolder();
    try {
      const { path, fileName } = await receiveUpload(request, maxUploadBytes, (part) => store.uploadPath(id, part));
      await store.keepUpload(id, path);
      return await reads.run(await readerOf(id, client), request.signal, async (signal) => {
        const { table, mapping } = await read(id, fileName, signal);
        const job = newJob(id, { client: store.nameOf(client), owner }, fileName, table, mapping);
        if (mapping.isConfident) await takeRows(job, table, mapping);
        // Nobody has got the address of the job.
        signal.throwIfAborted();
        await store.add(job);
        if (job.rows > 0) await runner.start(job, 'check', requests);
        return job;
      });
    } catch (error) {
      await store.remove(id);
      throw error;
    }
  }

  /**
   * Shows another sheet of the workbook, whose columns are guessed anew.
   * @throws {UnreadableTable}, {ReadRefused}, {ImportGone}
   */
  async function chooseSheet(job: Job, sheet: string, visit: Visit): Promise<void> {
    if (sheet === job.sheet) return;
    if (!job.sheets.includes(sheet)) throw new UnreadableTable('unknownSheet', 'The file has no such sheet.');
    await readAgain(job, sheet, visit, async ({ table, mapping }) => {
      Object.assign(job, describe(table, mapping), { mapping, rows: 0, step: 'check', state: 'waiting' });
      await store.clear(job.id);
      await store.save(job);
    });
  }

  /**
   * Takes the rows by the reader's choice of columns, and checks them.
   * @throws {UnreadableTable}, {ReadRefused}, {ImportGone}
   */
  async function chooseColumns(job: Job, mapping: ColumnMapping, visit: Visit): Promise<void> {
    await readAgain(job, job.sheet, visit, async ({ table }) => {
      await takeRows(job, table, mapping);
      await store.save(job);
      if (job.rows > 0) await runner.start(job, 'check', visit.requests);
    });
  }

  /**
   * Does what a button of the import's page asks for. A button that does not fit the state of the job, such as one of an
   * outdated page, does nothing.
   * @param updates whether existing users get the names of the file
   * @param requests sends the requests of the step as the person who begins it
   * @throws {TooManyImports}
   */
  async function act(job: Job, action: string, updates: boolean, requests: BatchRequests): Promise<void> {
    const { step, state } = job;
    const isAtRest = state === 'stopped' || state === 'failed';
    if (action === 'stop') runner.stop(job);
    else if (action === 'go-on' && isAtRest) await runner.start(job, step, requests);
    else if (action === 'import' && step === 'check' && state === 'done' && rowsToImport({ ...job, updates }) > 0) {
      await store.makeRoomForImport(job);
      job.updates = updates;
      await runner.start(job, 'import', requests);
    } else if (action === 'undo' && step === 'import' && (isAtRest || state === 'done')) {
      await runner.start(job, 'undo', requests);
    }
  }

  return { upload, chooseSheet, chooseColumns, act };
}

/** Whether the reader may still choose sheet and columns. An import keeps the rows that the reader has seen. */
function takesColumns({ step, state }: Job): boolean {
  return step === 'check' && state !== 'working';
}

function newJob(
  id: string,
  by: Pick<Job, 'client' | 'owner'>,
  fileName: string,
  table: Table,
  mapping: ColumnMapping,
): Job {
  return {
    id,
    ...by,
    createdAt: new Date().toISOString(),
    fileName,
    ...describe(table, mapping),
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
}

function describe(
  { rows, sheet, sheets }: Table,
  { headerRow = 0 }: ColumnMapping,
): Pick<Job, 'sheets' | 'sheet' | 'head' | 'columns' | 'emailColumns'> {
  const head = rows.slice(0, headerRow + headRows).map(({ line, cells }) => ({
    line,
    cells: cells.slice(0, maxHeadColumns).map((cell) => cutText(cell, maxHeadCharacters)),
  }));
  const widest = rows.reduce((most, { cells }) => Math.max(most, cells.length), 0);
  const columns = Math.min(widest, maxHeadColumns);
  const emailColumns = findAddressColumns(rows).filter((at) => at < columns);
  return { sheets: sheets ?? [], sheet, head, columns, emailColumns };
}
