/** Repeats a request of a job until the API answers it, and waits as long as the API asks for. */
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiFailure, isTransient, type Result } from '../../../lib/api-client.ts';

const firstWaitMs = 1_000;
const longestWaitMs = 30_000;
/** An API that fails this often in a row, although it can be reached, does not recover by itself. */
const maxErrors = 8;

const causes = {
  person: 'A reader stopped the job.',
  refused: 'The API refuses the requests of the job.',
  signedOut: 'The session of the job has ended.',
};

/** The request of a job was given up. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  readonly reason: 'person' | 'refused' | 'signedOut';
  /** Whether the API may have done the work although its answer never arrived. */
  readonly isUncertain: boolean;

  constructor(reason: Interrupted['reason'], isUncertain: boolean) {
    super(causes[reason]);
    this.reason = reason;
    this.isUncertain = isUncertain;
  }
}

/** How a job waits. */
export interface Waiting {
  /** Aborts when the reader presses Stop. */
  signal: AbortSignal;
  /** Called with the time (milliseconds since 1970) of the next attempt, and with undefined when the wait is over. */
  onWait: (until: number | undefined) => void;
  /** Stands in for the timer in tests. */
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Sends a request until the API answers it. A request that writes needs an Idempotency-Key, or must not change anything
 * when it is repeated.
 * @returns the body of the answer
 * @throws {Interrupted} when the reader stops the job, or the API refuses the request
 */
export async function askUntilAnswered<Body>(
  ask: () => Promise<Result<Body>>,
  { signal, onWait, pause = pauseFor }: Waiting,
): Promise<Body> {
  let isUncertain = false;
  let errors = 0;
  for (let attempt = 0; ; attempt++) {
    // A batch may take several requests. The reader stops the job after the batch, not between them.
    if (attempt > 0 && signal.aborted) throw new Interrupted('person', isUncertain);
    const result = await ask();
    if (result.ok) return result.answer.body;
    const { failure } = result;
    if (failure.kind === 'problem' && failure.status === 401) throw new Interrupted('signedOut', isUncertain);
    if (!isTransient(failure)) throw new Interrupted('refused', isUncertain);
    if (!isRefusedUnread(failure)) isUncertain = true;
    errors = isError(failure) ? errors + 1 : 0;
    if (errors === maxErrors) throw new Interrupted('refused', isUncertain);
    const waitMs = waitOf(failure, attempt);
    onWait(Date.now() + waitMs);
    await pause(waitMs, signal);
    onWait(undefined);
  }
}

/** Whether the API has certainly not begun the work. */
function isRefusedUnread(failure: ApiFailure): boolean {
  return failure.kind === 'problem' && failure.status === 429;
}

/** Whether the API was reached and failed. Overload, and a gateway without the API behind it, pass by themselves. */
function isError(failure: ApiFailure): boolean {
  return failure.kind === 'problem' && ![429, 502, 503, 504].includes(failure.status);
}

function waitOf(failure: ApiFailure, attempt: number): number {
  const asked = failure.kind === 'problem' ? failure.retryAfterMs : undefined;
  return Math.min(longestWaitMs, asked ?? firstWaitMs * 2 ** Math.min(attempt, 10));
}

async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  // The next turn of the loop sees that the signal is aborted.
  await delay(ms, undefined, { signal }).catch(() => {});
}
