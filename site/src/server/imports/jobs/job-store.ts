/** Keeps each import job in a folder of its own: `job.json`, the uploaded file, its rows and the results of each step. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BatchLog } from './batch-log.ts';
import type { CheckResult, ImportResult, ImportRow, Job, UndoResult } from './job.ts';

const idForm = /^[\w-]{22}$/;
const dayMs = 86_400_000;

/** The site keeps as many jobs as its settings allow, and all of them are being uploaded or at work. */
export class TooManyImports extends Error {
  override name = 'TooManyImports';
}

/** The part of the settings that the store needs. */
export interface JobStoreSettings {
  /** Folder of the site's own data. */
  dataFolder: string;
  maxImports: number;
  importDays: number;
}

/** The jobs of one site process. Another process must not use the same folder. */
export class JobStore {
  readonly #folder: string;
  readonly #maxJobs: number;
  readonly #maxAgeMs: number;
  /** Jobs by id, the oldest first. Undefined stands for a job whose file is still being uploaded. */
  readonly #jobs = new Map<string, Job | undefined>();
  #saving: Promise<void> = Promise.resolve();

  constructor({ dataFolder, maxImports, importDays }: JobStoreSettings) {
    this.#folder = join(dataFolder, 'imports');
    this.#maxJobs = maxImports;
    this.#maxAgeMs = importDays * dayMs;
  }

  /** Reads the jobs from the disk, and removes folders of uploads that never became a job. */
  async load(): Promise<Job[]> {
    const found: Job[] = [];
    for (const name of await namesIn(this.#folder)) {
      const job = await this.#read(name);
      if (job) found.push(job);
      else await rm(join(this.#folder, name), { recursive: true, force: true });
    }
    found.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
    for (const job of found) this.#jobs.set(job.id, job);
    await this.#removeExpired();
    return [...this.#jobs.values()].filter((job) => job !== undefined);
  }

  /**
   * Makes the folder of a new job. When there are too many jobs, the oldest one that is not at work gives way.
   * @returns the id of the job
   * @throws {TooManyImports}
   * @throws Error with the code of the system, such as ENOSPC
   */
  async reserve(): Promise<string> {
    await this.#removeExpired();
    while (this.#jobs.size >= this.#maxJobs) {
      const oldest = [...this.#jobs.values()].find((job) => job && job.state !== 'working');
      if (!oldest) throw new TooManyImports();
      await this.remove(oldest.id);
    }
    const id = randomBytes(16).toString('base64url');
    this.#jobs.set(id, undefined);
    try {
      await mkdir(join(this.#folder, id), { recursive: true, mode: 0o700 });
    } catch (error) {
      this.#jobs.delete(id);
      throw error;
    }
    return id;
  }

  /** @returns undefined if there is no such job */
  get(id: string | undefined): Job | undefined {
    return id === undefined ? undefined : this.#jobs.get(id);
  }

  /**
   * Stores a job durably: a crash leaves the earlier or the new `job.json`.
   * @throws Error with the code of the system, such as ENOSPC
   */
  async save(job: Job): Promise<void> {
    const text = JSON.stringify(job);
    this.#jobs.set(job.id, job);
    // A page and the runner may save the same job at once, and both use the same new file.
    const saving = this.#saving.then(() => replaceFile(join(this.#folder, job.id, 'job.json'), text));
    this.#saving = saving.catch(() => {});
    await saving;
  }

  /** Removes a job with all of its files. */
  async remove(id: string): Promise<void> {
    this.#jobs.delete(id);
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

  /** Removes the uploaded file, whose rows the job keeps. */
  async removeUpload(id: string): Promise<void> {
    await rm(this.uploadPath(id), { force: true });
  }

  #log<Item>(id: string, name: string): BatchLog<Item> {
    return new BatchLog(this.#path(id, name));
  }

  #path(id: string, name: string): string {
    return join(this.#folder, id, `${name}.ndjson`);
  }

  async #read(name: string): Promise<Job | undefined> {
    if (!idForm.test(name)) return undefined;
    try {
      return JSON.parse(await readFile(join(this.#folder, name, 'job.json'), 'utf8')) as Job;
    } catch {
      return undefined;
    }
  }

  async #removeExpired(): Promise<void> {
    const oldest = new Date(Date.now() - this.#maxAgeMs).toISOString();
    for (const job of [...this.#jobs.values()]) {
      if (job && job.createdAt < oldest && job.state !== 'working') await this.remove(job.id);
    }
  }
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
