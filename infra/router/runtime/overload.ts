/** Decides whether a function has too much work to accept one more invocation. */
import type { ClientTurns } from '../../http/client-turns.ts';
import type { Environment } from './environment.ts';
import { pickEnvironment, shortRunMs, workingLimit } from './pick-environment.ts';

/** The work of a pool. */
export interface PoolLoad {
  readonly environments: Iterable<Environment>;
  readonly turns: Pick<ClientTurns<unknown>, 'waitingOf' | 'runningOf' | 'hadWaiting' | 'ahead'>;
  /** How long an invocation runs on average, without its wait (ms). */
  readonly runMs: number;
  /** How long an invocation may probably wait (ms). Endless if left out. */
  readonly maxWaitMs: number | undefined;
}

// The estimate takes all events for as expensive as the most expensive ones. So a client with few events may wait longer, and so
// may others while there is a client that has its share.
const busyMs = 1000;
const busyWaitFactor = 4;
/** A client with fewer events that run or wait has few. A page of a browser asks for about as many at once. */
const fewEvents = 4;

/**
 * @param client the key of the invocation's client
 * @returns whether one more invocation of the client would probably wait too long; never while environments start
 * @see infra/docs/decisions/028-overload.md
 */
export function isOverloaded(client: string | undefined, { environments, turns, runMs, maxWaitMs }: PoolLoad): boolean {
  // Twice the run of a slow function is no overload.
  const limit = (ownMs: number) => Math.max(maxWaitMs ?? Number.POSITIVE_INFINITY, 2 * ownMs);
  const environment = pickEnvironment(environments);
  if (environment) {
    const { waitMs, costMs, pingMs } = environment;
    const own = turns.waitingOf(client);
    const ofClient = own + turns.runningOf(client);
    const hasFew = ofClient < fewEvents;
    const queuedMs = waitMs + own * costMs;
    // A process may work by turns as well, and then the events of others keep this one for a ping at each of the client's turns.
    const probablyMs = hasFew ? Math.min(queuedMs, (ofClient + 1) * pingMs) : queuedMs;
    if (probablyMs <= limit(costMs)) return false;
    const mayWaitLonger = hasFew || (own === 0 && turns.hadWaiting(busyMs));
    return !mayWaitLonger || probablyMs > busyWaitFactor * limit(costMs);
  }
  let room = 0;
  for (const { state, maxConcurrency } of environments) {
    if (state === 'starting') return false;
    room += maxConcurrency;
  }
  if (runMs < shortRunMs) room = Math.min(room, workingLimit(environments));
  return room > 0 && (turns.ahead(client) / room) * runMs > limit(runMs);
}
