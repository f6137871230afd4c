/** Keeps each import job in a folder of its own: `job.json`, the uploaded file, its rows and the results of each step. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BatchLog } from './batch-log.ts';
import { ClientNames } from './client-names.ts';
import { createFolder } from './create-folder.ts';
import type { CheckResult, ImportResult, ImportRow, Job, UndoResult } from './job.ts';
import { parseJob, writeJob } from './stored-job.ts';

const idForm = /^[\w-]{22}$/;
const dayMs = 86_400_000;

/** The site keeps as many jobs as its settings allow, and none of them may give way. */
export class TooManyImports extends Error {
  override name = 'TooManyImports';
}

/** The job was removed, because it was too old or gave way to others. */
export class ImportGone extends Error {
  override name = 'ImportGone';
}

/** The part of the settings that the store needs. */
export interface JobStoreSettings {
  /** Folder of the site's own data. */
  dataFolder: string;
  maxImports: number;
  maxDrafts: number;
  importDays: number;
}

/** The jobs of one site process. Another process must not use the same folder. */
export class JobStore {
  readonly #folder: string;
  readonly #dataFolder: string;
  readonly #names = new ClientNames();
  readonly #maxImports: number;
  readonly #maxDrafts: number;
  readonly #maxAgeMs: number;
  /** Jobs by id, the oldest first. */
  readonly #jobs = new Map<string, Job>();
  /** Jobs on the disk that this version cannot read, by id, with the time of their last change (ms since 1970). */
  readonly #unreadable = new Map<string, number>();
  /** Jobs whose files are being read. */
  readonly #inUse = new Set<Job>();
  #saving: Promise<void> = Promise.resolve();

  constructor({ dataFolder, maxImports, maxDrafts, importDays }: JobStoreSettings) {
    this.#dataFolder = dataFolder;
    this.#folder = join(dataFolder, 'imports');
    this.#maxImports = maxImports;
    this.#maxDrafts = maxDrafts;
    this.#maxAgeMs = importDays * dayMs;
  }

  /**
   * Reads the jobs from the disk, and removes folders of uploads that never became a job. A job that cannot be read stays
   * for its days: another version of the site may read it.
   * @param report called with the error of each job that cannot be read
   */
  async load(report: (error: unknown) => void = () => {}): Promise<Job[]> {
    await this.#names.load(this.#dataFolder);
    const found: Job[] = [];
    for (const id of await namesIn(this.#folder)) {
      if (!idForm.test(id)) continue;
      try {
        const job = await this.#read(id);
        if (job) found.push(job);
        else await rm(join(this.#folder, id), { recursive: true, force: true });
      } catch (error) {
        report(error);
        this.#unreadable.set(id, await this.#changedAt(id));
      }
    }
    found.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
    for (const job of found) this.#jobs.set(job.id, job);
    await this.#removeExpired();
    return [...this.#jobs.values()];
  }

  /**
   * Makes the folder of an upload. No job gives way to it, because a file that can be read may never arrive.
   * @returns the id of the later job
   * @throws Error with the code of the system, such as ENOSPC
   */
  async makeFolder(): Promise<string> {
    const id = randomBytes(16).toString('base64url');
    await createFolder(join(this.#folder, id));
    return id;
  }

  /** @param client the key of a client @returns its name in the jobs of this store */
  nameOf(client: string): string {
    return this.#names.nameOf(client);
  }

  /**
   * Stores a new job. When there are too many drafts, which are jobs that have imported nothing yet, an idle draft of the
   * client that has the most gives way. An import with its undo never gives way to a draft.
   * @throws {TooManyImports}
   * @throws Error with the code of the system, such as ENOSPC
   */
  async add(job: Job): Promise<void> {
    await this.#makeRoom(job, ({ step }) => step === 'check', this.#maxDrafts);
    this.#jobs.set(job.id, job);
    await this.save(job);
  }

  /**
   * Makes room for a draft that becomes an import. An idle import of the client that has the most gives way to it.
   * @throws {TooManyImports}
   */
  async makeRoomForImport(draft: Job): Promise<void> {
    await this.#makeRoom(draft, ({ step }) => step !== 'check', this.#maxImports);
  }

  /**
   * Keeps a job from giving way while its files are read.
   * @throws {ImportGone}
   */
  async use(job: Job, read: () => Promise<void>): Promise<void> {
    this.#checkIsKept(job);
    this.#inUse.add(job);
    try {
      await read();
    } finally {
      this.#inUse.delete(job);
    }
  }

  /** @returns undefined if there is no such job, or `npm run erase` has removed its folder */
  get(id: string | undefined): Job | undefined {
    const job = id === undefined ? undefined : this.#jobs.get(id);
    if (job === undefined || existsSync(join(this.#folder, job.id))) return job;
    this.#jobs.delete(job.id);
    return undefined;
  }

  /** Whether the disk has a job that this version of the site cannot read. */
  isUnreadable(id: string | undefined): boolean {
    return id !== undefined && this.#unreadable.has(id);
  }

  /**
   * Stores a job durably: a crash leaves the earlier or the new `job.json`.
   * @throws {ImportGone}
   * @throws Error with the code of the system, such as ENOSPC
   */
  async save(job: Job): Promise<void> {
    this.#checkIsKept(job);
    const text = writeJob(job);
    // A page and the runner may save the same job at once, and both use the same new file.
    const saving = this.#saving.then(() => replaceFile(join(this.#folder, job.id, 'job.json'), text));
    this.#saving = saving.catch(() => {});
    await saving;
  }

  /** Notes that the reader has seen how the step ended. On a full disk the note lasts until the next start, and the page goes on. */
  async markSeen(job: Job): Promise<void> {
    if (job.seen) return;
    job.seen = true;
    await this.save(job).catch(() => {});
  }

  /** Removes a job with all of its files. */
  async remove(id: string): Promise<void> {
    this.#jobs.delete(id);
    this.#unreadable.delete(id);
    await rm(join(this.#folder, id), { recursive: true, force: true });
  }

  /** @param part the part of the form, while the file is being uploaded @returns the path of the uploaded file */
  uploadPath(id: string, part = 'upload'): string {
    return join(this.#folder, id, part);
  }

  /** Makes a part of the form the file of the job. */
  async keepUpload(id: string, path: string): Promise<void> {
    await rename(path, this.uploadPath(id));
  }

  /** @returns the rows of the file, in batches as the API takes them */
  rows(id: string): BatchLog<ImportRow> {
    return this.#log(id, 'rows');
  }

  /** @returns the results of the check, batch by batch as the rows */
  checkResults(id: string): BatchLog<CheckResult> {
    return this.#log(id, 'check');
  }

  /** @returns the results of the import, batch by batch as the rows */
  importResults(id: string): BatchLog<ImportResult> {
    return this.#log(id, 'import');
  }

  /** @returns the results of the undo, batch by batch as the rows */
  undoResults(id: string): BatchLog<UndoResult> {
    return this.#log(id, 'undo');
  }

  /** Removes the rows and the results of the check, because the reader has chosen other columns. */
  async clear(id: string): Promise<void> {
    for (const name of ['rows', 'check']) await rm(this.#path(id, name), { force: true });
  }

  /** Removes the uploaded file of a confirmed import, whose rows the job keeps. It may name people who are in no row. */
  async removeUpload(id: string): Promise<void> {
    await rm(this.uploadPath(id), { force: true });
  }

  #log<Item>(id: string, name: string): BatchLog<Item> {
    return new BatchLog(this.#path(id, name));
  }

  #path(id: string, name: string): string {
    return join(this.#folder, id, `${name}.ndjson`);
  }

  /** @returns undefined for the folder of an upload that never became a job */
  async #read(id: string): Promise<Job | undefined> {
    try {
      return parseJob(await readFile(join(this.#folder, id, 'job.json'), 'utf8'), id);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new Error(`The import ${id} cannot be read, and its folder stays.`, { cause: error });
    }
  }

  async #changedAt(id: string): Promise<number> {
    const found = await stat(join(this.#folder, id)).catch(() => undefined);
    return found?.mtimeMs ?? Date.now();
  }

  #checkIsKept(job: Job): void {
    if (this.#jobs.get(job.id) !== job) throw new ImportGone();
  }

  /**
   * Removes idle jobs of one kind until one more has room: the oldest of the client that has the most. No job gives way to one
   * of a client that has more.
   */
  async #makeRoom(newest: Job, isOfKind: (job: Job) => boolean, max: number): Promise<void> {
    await this.#removeExpired();
    for (;;) {
      const jobs = [...this.#jobs.values()].filter(isOfKind);
      if (jobs.length < max) return;
      const counts = new Map<string, number>();
      for (const job of [...jobs, newest]) counts.set(ownerOf(job), (counts.get(ownerOf(job)) ?? 0) + 1);
      const countOf = (job: Job) => counts.get(ownerOf(job)) ?? 0;
      const [first] = jobs.filter((job) => this.#isIdle(job)).sort((a, b) => countOf(b) - countOf(a));
      if (!first || countOf(first) < countOf(newest)) throw new TooManyImports();
      await this.remove(first.id);
    }
  }

  async #removeExpired(): Promise<void> {
    const oldestMs = Date.now() - this.#maxAgeMs;
    const oldest = new Date(oldestMs).toISOString();
    for (const job of [...this.#jobs.values()]) {
      if (job.createdAt < oldest && this.#isIdle(job)) await this.remove(job.id);
    }
    for (const [id, changedAt] of [...this.#unreadable]) if (changedAt < oldestMs) await this.remove(id);
  }

  #isIdle(job: Job): boolean {
    return job.state !== 'working' && !this.#inUse.has(job);
  }
}

/** Imports of earlier versions name no client. Each counts as that of a client of its own. */
function ownerOf({ client, id }: Job): string {
  return client ?? id;
}

async function replaceFile(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
