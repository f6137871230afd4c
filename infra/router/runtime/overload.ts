/** Decides whether a function has too much work to accept one more invocation. */
import type { ClientTurns } from '../../http/client-turns.ts';
import type { Environment } from './environment.ts';
import { pickEnvironment } from './pick-environment.ts';

/** The work of a pool. */
export interface PoolLoad {
  readonly environments: Iterable<Environment>;
  readonly turns: Pick<ClientTurns<unknown>, 'waitingOf' | 'runningOf' | 'hadWaiting' | 'ahead'>;
  /** How long an invocation runs on average, without its wait (ms). */
  readonly runMs: number;
  /** How long an invocation may probably wait (ms). Endless if left out. */
  readonly maxWaitMs: number | undefined;
}

// The estimate takes all events for as expensive as those of a client that has its share. While there is such a client, others
// may wait longer.
const busyMs = 1000;
const busyWaitFactor = 4;

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
    // A process may work by turns as well, and then the events of others do not keep the first one of a client.
    const isFirst = own === 0 && turns.runningOf(client) === 0;
    const probablyMs = isFirst ? Math.min(waitMs, pingMs) : waitMs + own * costMs;
    if (probablyMs <= limit(costMs)) return false;
    return own > 0 || !turns.hadWaiting(busyMs) || probablyMs > busyWaitFactor * limit(costMs);
  }
  let room = 0;
  for (const { state, maxConcurrency } of environments) {
    if (state === 'starting') return false;
    room += maxConcurrency;
  }
  return room > 0 && (turns.ahead(client) / room) * runMs > limit(runMs);
}
