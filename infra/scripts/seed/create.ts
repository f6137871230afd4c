/** Creates users through the API, many at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Person } from './people.ts';

export interface Options {
  /** Base address of the API. */
  api: string;
  /** How many requests to keep in flight. */
  concurrency: number;
  /** Called after each user. @param done number of users created or found to exist */
  onProgress?: (done: number) => void;
  /** When it aborts, no further request is sent, and those in flight finish. */
  signal?: AbortSignal;
}

export interface Outcome {
  created: number;
  /** Users whose e-mail was taken, because an earlier run with the same seed created them. */
  taken: number;
}

/** The run can't go on. The message is one line. */
export class SeedError extends Error {
  override name = 'SeedError';
}

const triesPerUser = 6;
const requestTimeout = 30_000;

/** Checks that the API answers. @throws SeedError when it does not */
export async function checkReachable(api: string): Promise<void> {
  try {
    const answer = await fetch(new URL('/health', api), { signal: AbortSignal.timeout(5_000) });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`GET /health answered ${answer.status}`);
  } catch (error) {
    throw new SeedError(`The API at ${api} can't be used: ${reason(error)}. Is it running? Start it with npm start.`);
  }
}

/** Creates users. @throws SeedError when the API refuses a user, or still fails after several tries */
export async function createUsers(people: Iterable<Person>, options: Options): Promise<Outcome> {
  const outcome: Outcome = { created: 0, taken: 0 };
  const waiting = people[Symbol.iterator]();
  let stopped = false;
  const worker = async () => {
    for (;;) {
      if (stopped || options.signal?.aborted) return;
      const next = waiting.next();
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
  const ends = await Promise.allSettled(Array.from({ length: options.concurrency }, worker));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
  return outcome;
}

async function createUser(person: Person, { api }: Options): Promise<keyof Outcome> {
  for (let attempt = 1; ; attempt++) {
    let answer: Response;
    try {
      answer = await fetch(new URL('/users', api), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(person),
        signal: AbortSignal.timeout(requestTimeout),
      });
    } catch (error) {
      if (attempt === triesPerUser) throw new SeedError(`The API at ${api} stopped answering: ${reason(error)}`);
      await sleep(pause(attempt));
      continue;
    }
    const text = await answer.text();
    if (answer.status === 201) return 'created';
    if (answer.status === 409) return 'taken';
    const mayPass = answer.status === 429 || answer.status >= 500;
    if (!mayPass || attempt === triesPerUser) {
      throw new SeedError(`POST /users answered ${answer.status} to ${JSON.stringify(person)}: ${text.slice(0, 300)}`);
    }
    await sleep(pause(attempt, answer.headers.get('retry-after')));
  }
}

/** @returns the pause before the next attempt (ms): as Retry-After asks, or else 50, 100, 200 … */
function pause(attempt: number, retryAfter: string | null = null): number {
  const seconds = Number(retryAfter ?? Number.NaN);
  return seconds > 0 && seconds <= 60 ? seconds * 1000 : 50 * 2 ** (attempt - 1);
}

/** @returns why a fetch failed: the error's `cause` says it, or for a refused connection the `errors` of the cause */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  const [first] = cause instanceof AggregateError ? cause.errors : [];
  const deepest = [first, cause, error].find((one) => one instanceof Error && one.message !== '');
  return deepest instanceof Error ? deepest.message : error.message;
}
