/**
 * The imports of this process, wired to its settings. The file reads the stored jobs while it is
 * loaded: `main.ts` loads it before the site listens, and the first page does in development.
 */
import { inspect } from 'node:util';
import { createApi } from '../lib/api-client.ts';
import { type BatchRequests, createBatchRequests } from './imports/jobs/batch-requests.ts';
import { createImports } from './imports/jobs/imports.ts';
import { JobRunner } from './imports/jobs/job-runner.ts';
import { JobStore } from './imports/jobs/job-store.ts';
import { settings } from './settings.ts';

/** The shortest time-out of a request with a thousand users. */
const batchTimeoutMs = 60_000;

const report = (error: unknown) => {
  process.stderr.write(`import: ${inspect(error)}\n`);
};

/**
 * @param session the token of the person who begins a step. It stays in the memory of this process until the step ends.
 * @returns the requests of the step, which the API answers as that person's
 */
export function batchRequestsOf(session: string | undefined): BatchRequests {
  const headers: Record<string, string> = session === undefined ? {} : { authorization: `Bearer ${session}` };
  return createBatchRequests(createApi(settings.apiUrl, Math.max(batchTimeoutMs, settings.apiTimeoutMs), { headers }));
}

/** The stored jobs. */
export const jobStore = new JobStore(settings);

/** Runs the jobs. */
export const jobRunner = new JobRunner({ store: jobStore, report });

/** Begins imports. */
export const imports = createImports({ ...settings, store: jobStore, runner: jobRunner });

// A folder that cannot be read must not keep the site from starting: only imports need it.
try {
  await jobRunner.recover(await jobStore.load(report));
} catch (error) {
  report(error);
}
