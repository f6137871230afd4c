/** Runs the steps of import jobs on the site server, batch by batch, each of which is stored before the next one is sent. */
import { Interrupted } from './answered.ts';
import { type BatchLog, readTogether } from './batch-log.ts';
import { type BatchRequests, batchSize } from './batch-requests.ts';
import { type ImportResult, type Job, noCounts, rowsToImport, type Step } from './job.ts';
import type { JobStore } from './job-store.ts';
import { checkBatch, importBatch, type StepContext, undoBatch } from './steps.ts';

/** The parts that a runner works with. */
export interface JobRunnerParts {
  store: JobStore;
  /** Stands in for the timer in tests. */
  pause?: StepContext['waiting']['pause'];
  /** Called with errors that have no other reader, such as a full disk. */
  report: (error: unknown) => void;
}

interface Work {
  controller: AbortController;
  /** Time of the next attempt, while the API does not answer (milliseconds since 1970). */
  waitsUntil: number | undefined;
  ended: Promise<void>;
  /** Sends the requests as the person who began the step. */
  requests: BatchRequests;
}

/** Starts, stops and continues the steps of jobs. */
export class JobRunner {
  readonly #parts: JobRunnerParts;
  readonly #working = new Map<string, Work>();

  constructor(parts: JobRunnerParts) {
    this.#parts = parts;
  }

  /**
   * Marks jobs that were at work when the site ended as stopped. The site does not continue them by itself: the reader
   * sees first what was imported, and a job that ends the site does not end it again and again.
   */
  async recover(jobs: Job[]): Promise<void> {
    for (const job of jobs) {
      if (job.state !== 'working') continue;
      try {
        if (job.step === 'undo') await this.#recount(job, 'import');
        await this.#recount(job, job.step);
        job.state = 'stopped';
        job.reason = 'restart';
        if (job.step === 'import') job.uncertain = await this.#rowsInFlight(job);
        await this.#parts.store.save(job);
      } catch (error) {
        this.#fail(job, error);
      }
    }
  }

  /**
   * Begins a step, or continues it after its last complete batch. It goes on when the request that began it has ended.
   * @param requests with the session of the person who begins it. When the session ends, the step stops.
   */
  async start(job: Job, step: Step, requests: BatchRequests): Promise<void> {
    if (this.#working.has(job.id)) return;
    const work: Work = { controller: new AbortController(), waitsUntil: undefined, ended: Promise.resolve(), requests };
    this.#working.set(job.id, work);
    // An undo goes over the rows that the import has tried, and over the batch whose answer never arrived.
    if (step !== 'undo') job.total = job.rows;
    else if (job.step !== 'undo') job.total = Math.min(job.rows, job.finished + (job.uncertain > 0 ? batchSize : 0));
    job.step = step;
    job.state = 'working';
    job.reason = undefined;
    job.seen = false;
    try {
      await this.#recount(job, step);
      await this.#parts.store.save(job);
    } catch (error) {
      this.#working.delete(job.id);
      this.#fail(job, error);
      return;
    }
    work.ended = this.#run(job, step, work);
  }

  /** Stops a job after the batch that is under way. */
  stop(job: Job): void {
    this.#working.get(job.id)?.controller.abort();
  }

  /** @returns the time of the next attempt (milliseconds since 1970) while the API does not answer */
  waitsUntil(job: Job): number | undefined {
    return this.#working.get(job.id)?.waitsUntil;
  }

  /** Resolves when the step that is under way has ended. */
  async ended(job: Job): Promise<void> {
    await this.#working.get(job.id)?.ended;
  }

  async #run(job: Job, step: Step, work: Work): Promise<void> {
    const { store, pause } = this.#parts;
    const { requests } = work;
    const waiting = {
      signal: work.controller.signal,
      onWait: (until: number | undefined) => {
        work.waitsUntil = until;
      },
      ...(pause && { pause }),
    };
    try {
      if (step !== 'check') await store.removeUpload(job.id);
      // An undo must know of a batch that the API may have written although its answer never arrived.
      if (step === 'undo' && job.uncertain > 0) {
        await this.#importBatches(job, { requests, waiting }, Math.ceil(job.total / batchSize));
        await store.save(job);
      }
      if (step === 'check') await this.#check(job, { requests, waiting });
      else if (step === 'import') await this.#importBatches(job, { requests, waiting });
      else await this.#undo(job, { requests, waiting });
      job.state = 'done';
    } catch (error) {
      this.#fail(job, error);
    } finally {
      this.#working.delete(job.id);
      await store.save(job).catch(this.#parts.report);
    }
  }

  #fail(job: Job, error: unknown): void {
    if (error instanceof Interrupted) {
      job.state = error.reason === 'refused' ? 'failed' : 'stopped';
      job.reason = error.reason;
      return;
    }
    job.state = 'failed';
    job.reason = 'disk';
    this.#parts.report(error);
  }

  async #check(job: Job, context: StepContext): Promise<void> {
    const log = this.#parts.store.checkResults(job.id);
    const done = await log.repair();
    let batch = 0;
    for await (const rows of this.#parts.store.rows(job.id).read()) {
      if (batch++ < done) continue;
      stopIfAsked(context);
      const results = await checkBatch(rows, context);
      await log.append(results);
      for (const { kind } of results) job.checked[kind]++;
      job.finished += results.length;
    }
  }

  /** @param end the number of the batch before which the import ends; all batches are imported if it is left out */
  async #importBatches(job: Job, context: StepContext, end = Number.POSITIVE_INFINITY): Promise<void> {
    const { store } = this.#parts;
    const log = store.importResults(job.id);
    const done = await log.repair();
    let batch = 0;
    for await (const [rows, check = []] of readTogether(store.rows(job.id), store.checkResults(job.id))) {
      const number = batch++;
      if (number < done) continue;
      if (number >= end) break;
      stopIfAsked(context);
      const isRepeated = job.uncertain > 0;
      const results = await this.#settle(job, rows.length, log, () =>
        importBatch(rows, check, { key: `${job.id}-${number}`, updates: job.updates, isRepeated }, context),
      );
      countImported(job, results);
      if (job.step === 'import') job.finished += results.length;
    }
    // The log may have taken the last batch although the disk then reported a fault.
    job.uncertain = 0;
  }

  /** Imports a batch, and notes how many rows may have been written when its answer did not arrive or could not be stored. */
  async #settle(job: Job, rows: number, log: BatchLog<ImportResult>, send: () => Promise<ImportResult[]>) {
    try {
      const results = await send();
      await log.append(results);
      job.uncertain = 0;
      return results;
    } catch (error) {
      if (!(error instanceof Interrupted) || error.isUncertain) job.uncertain = Math.min(rows, rowsToImport(job));
      throw error;
    }
  }

  async #undo(job: Job, context: StepContext): Promise<void> {
    const { store } = this.#parts;
    const log = store.undoResults(job.id);
    const done = await log.repair();
    let batch = 0;
    for await (const [imported, rows = []] of readTogether(store.importResults(job.id), store.rows(job.id))) {
      const number = batch++;
      if (number < done) continue;
      stopIfAsked(context);
      const results = await undoBatch(rows, imported, `${job.id}-${number}-undo`, context);
      await log.append(results);
      for (const { kind } of results) if (kind !== 'none') job.undone[kind]++;
      job.finished += results.length;
    }
  }

  /** Counts the stored results of a step, since `job.json` has the counts of its last change of state. */
  async #recount(job: Job, step: Step): Promise<void> {
    const { store } = this.#parts;
    job.finished = 0;
    if (step === 'check') {
      job.checked = { ...noCounts.checked };
      await this.#each(store.checkResults(job.id), job, (result) => job.checked[result.kind]++);
    } else if (step === 'import') {
      job.imported = { ...noCounts.imported };
      await this.#each(store.importResults(job.id), job, (result) => countImported(job, [result]));
    } else {
      job.undone = { ...noCounts.undone };
      await this.#each(store.undoResults(job.id), job, ({ kind }) => {
        if (kind !== 'none') job.undone[kind]++;
      });
    }
  }

  async #each<Item>(log: BatchLog<Item>, job: Job, count: (item: Item) => void): Promise<void> {
    for await (const batch of log.read()) {
      for (const item of batch) count(item);
      job.finished += batch.length;
    }
  }

  /** @returns how many rows the batch has whose answer the site did not live to see */
  async #rowsInFlight(job: Job): Promise<number> {
    const { store } = this.#parts;
    const done = await store.importResults(job.id).repair();
    let batch = 0;
    for await (const results of store.checkResults(job.id).read()) {
      if (batch++ < done) continue;
      return results.filter(({ kind }) => kind === 'created' || (job.updates && kind === 'existing')).length;
    }
    return 0;
  }
}

function countImported(job: Job, results: ImportResult[]): void {
  for (const { kind } of results) if (kind !== 'left') job.imported[kind]++;
}

function stopIfAsked({ waiting }: StepContext): void {
  if (waiting.signal.aborted) throw new Interrupted('person', false);
}
