/** Helpers that the pages of an import share: the limit of a file, the sentence for an error, and the job of this browser. */
import type { AstroCookies } from 'astro';
import type { Messages } from '../i18n/index.ts';
import { fill, formatNumber } from '../i18n/text.ts';
import { sessionHeader } from './client-address.ts';
import { batchRequestsOf, jobStore } from './import-service.ts';
import type { Visit } from './imports/jobs/imports.ts';
import { type Job, mayUse } from './imports/jobs/job.ts';
import { ImportGone, TooManyImports } from './imports/jobs/job-store.ts';
import { UploadRefused } from './imports/jobs/upload.ts';
import { ReadRefused } from './imports/table/read-queue.ts';
import { UnreadableTable } from './imports/table/table.ts';
import type { Person } from './sessions/recognize.ts';
import { settings } from './settings.ts';

const cookieName = 'import';
const daySeconds = 86_400;
const megabyte = 1_048_576;

/** The status and the sentence of a page that could not take a file. */
export interface ImportFailure {
  status: number;
  text: string;
  headers?: Record<string, string>;
}

/** The headers of a refusal after which a person may try again. */
const retryLater = { 'retry-after': '10' };

/** @returns the largest file, in megabytes, as the reader writes numbers */
export function uploadLimit({ locale }: Messages): string {
  return formatNumber(locale, settings.maxUploadBytes / megabyte, 1);
}

/**
 * Explains why a file gives no import.
 * @throws the same error unless it concerns a file, a form or a disk
 */
export function importFailure(error: unknown, t: Messages): ImportFailure {
  const { faults, unreadable } = t.importing;
  if (error instanceof UploadRefused) {
    const status = { tooLarge: 413, noForm: 400, empty: 422 }[error.fault];
    return { status, text: fill(faults[error.fault], { size: uploadLimit(t) }) };
  }
  if (error instanceof UnreadableTable) {
    const { line = 0, limit = 0 } = error.details;
    const values = { line: formatNumber(t.locale, line), limit: formatNumber(t.locale, limit) };
    return { status: 422, text: fill(unreadable[error.reason], values) };
  }
  if (error instanceof TooManyImports || error instanceof ReadRefused) {
    return { status: 503, text: faults.tooMany, headers: retryLater };
  }
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof ImportGone || code === 'ENOENT') return { status: 404, text: faults.gone };
  if (code === undefined) throw error;
  process.stderr.write(`import: ${(error as Error).message}\n`);
  return { status: 507, text: faults.disk };
}

/** Gives a page the status and the headers of a failure. */
export function setFailure(response: ResponseInit & { headers: Headers }, failure: ImportFailure): void {
  response.status = failure.status;
  for (const [name, value] of Object.entries(failure.headers ?? {})) response.headers.set(name, value);
}

/** Makes the browser remember its latest import, whose progress every page shows. */
export function rememberImport(cookies: AstroCookies, { id }: Job): void {
  const maxAge = settings.importDays * daySeconds;
  cookies.set(cookieName, id, { path: '/', maxAge, sameSite: 'lax', httpOnly: true });
}

/** @returns the latest import of the browser; undefined if it has none, or none any more, or it is another person's */
export function rememberedImport(cookies: AstroCookies, person: Person | undefined): Job | undefined {
  return jobFor(cookies.get(cookieName)?.value, person);
}

/** @returns a job; undefined if there is none, or the person may not see it */
export function jobFor(id: string | undefined, person: Person | undefined): Job | undefined {
  const job = jobStore.get(id);
  return job && mayUse(job, person) ? job : undefined;
}

/** @returns the parts of a page's request that an import needs */
export function visitOf({ locals, request }: { locals: App.Locals; request: Request }): Visit {
  const requests = batchRequestsOf(request.headers.get(sessionHeader) ?? undefined);
  return { client: locals.client, owner: locals.person?.id, requests, signal: request.signal };
}

/** Whether the browser's latest import is one that this version of the site cannot read. */
export function hasUnreadableImport(cookies: AstroCookies): boolean {
  return jobStore.isUnreadable(cookies.get(cookieName)?.value);
}

/** @returns the name to show for the file of a job */
export function nameOf({ fileName }: Job, t: Messages): string {
  return fileName || t.importing.pasted;
}
