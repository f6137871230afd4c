/** Creates users through the API, with several requests in flight. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Person } from './people.ts';

/** How users are created. */
export interface SeedOptions {
  /** Base URL of the API. */
  api: string;
  /** Requests in flight at a time. */
  concurrency: number;
  /** Sent with each request; undefined where the API asks for none. */
  apiKey?: string | undefined;
  /** Called after each user, with the number of users so far. */
  onProgress?: (done: number) => void;
  /** Aborting it ends the run once the requests in flight are answered. */
  signal?: AbortSignal;
}

/** The result of a run. */
export interface SeedOutcome {
  created: number;
  /** Users whose e-mail was taken: an earlier run with the same seed has created them. */
  taken: number;
}

/** The run cannot go on. The message is one line. */
export class SeedError extends Error {
  override name = 'SeedError';
}

const maxAttempts = 6;
/** A busy API may take long for one of many requests. */
const requestTimeoutMs = 120_000;
const healthTimeoutMs = 30_000;

/** @throws SeedError when no healthy API answers at the URL */
export async function checkReachable(api: string): Promise<void> {
  try {
    const answer = await fetch(new URL('/health', api), { signal: AbortSignal.timeout(healthTimeoutMs) });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`GET /health answered ${answer.status}`);
  } catch (error) {
    throw new SeedError(`The API at ${api} cannot be used: ${reason(error)}. Is it running? Start it with npm start.`);
  }
}

/**
 * Creates users.
 * @throws SeedError at the first user that the API refuses, or does not accept in several attempts
 */
export async function createUsers(people: Iterable<Person>, options: SeedOptions): Promise<SeedOutcome> {
  const outcome: SeedOutcome = { created: 0, taken: 0 };
  const remaining = people[Symbol.iterator]();
  let stopped = false;
  const worker = async () => {
    for (;;) {
      if (stopped || options.signal?.aborted) return;
      const next = remaining.next();
      if (next.done) return;
      try {
        outcome[await createUser(next.value, options)]++;
      } catch (error) {
        stopped = true;
        throw error;
      }
      options.onProgress?.(outcome.created + outcome.taken);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: options.concurrency }, worker));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return outcome;
}

async function createUser(person: Person, { api, apiKey }: SeedOptions): Promise<keyof SeedOutcome> {
  for (let attempt = 1; ; attempt++) {
    let answer: Response;
    try {
      answer = await fetch(new URL('/users', api), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(apiKey && { 'x-api-key': apiKey }) },
        body: JSON.stringify(person),
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
    } catch (error) {
      if (attempt === maxAttempts) throw new SeedError(`The API at ${api} stopped answering: ${reason(error)}`);
      await sleep(pauseMs(attempt));
      continue;
    }
    const text = await answer.text();
    if (answer.status === 201) return 'created';
    if (answer.status === 409) return 'taken';
    const mayPass = answer.status === 429 || answer.status >= 500;
    if (!mayPass || attempt === maxAttempts) {
      throw new SeedError(`POST /users answered ${answer.status} to ${JSON.stringify(person)}: ${text.slice(0, 300)}`);
    }
    await sleep(pauseMs(attempt, answer.headers.get('retry-after')));
  }
}

/** @returns the time that the server asks for in Retry-After, or 50, 100, 200 … */
function pauseMs(attempt: number, retryAfter: string | null = null): number {
  const seconds = Number(retryAfter ?? Number.NaN);
  return seconds > 0 && seconds <= 60 ? seconds * 1000 : 50 * 2 ** (attempt - 1);
}

/** @returns why fetch failed, which is in the error's cause, or in the errors of the cause for a refused connection */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no response in time';
  const { cause } = error;
  const [first] = cause instanceof AggregateError ? cause.errors : [];
  const deepest = [first, cause, error].find((one) => one instanceof Error && one.message !== '');
  return deepest instanceof Error ? deepest.message : error.message;
}
