/** How the clients of a function share its reservedConcurrentExecutions. */
import type { ClientTurns } from '../../http/client-turns.ts';
import type { Limits } from './share.ts';

/** So many times the reserve may run or wait for an execution to end. */
const waitFactor = 4;

/** The use of a reserve. */
export interface ReserveUse {
  readonly limits: Pick<Limits, 'reservedConcurrentExecutions'>;
  /** The part that the running invocations of one client leave to others; 0 where clients have no limits. */
  readonly othersShare: number | undefined;
  /** How many invocations run or wait. */
  readonly inFlight: number;
  readonly turns: Pick<ClientTurns<unknown>, 'callsOf' | 'runningOf'>;
}

/** @returns whether a client runs as many invocations as it may, by its key */
export function hasShareOfReserve(client: string | undefined, { limits, othersShare = 0, turns }: ReserveUse): boolean {
  const { reservedConcurrentExecutions: reserve } = limits;
  return turns.runningOf(client) >= reserve - Math.floor(reserve * othersShare);
}

/**
 * Decides whether an invocation may wait beyond the reserve. Invocations that run never give way, so a few clients would keep out
 * all others. Hence the first invocation of each client may wait.
 * @param client the key of its client
 */
export function mayWaitBeyondReserve(
  client: string | undefined,
  { limits, othersShare = 0, inFlight, turns }: ReserveUse,
): boolean {
  return othersShare > 0 && turns.callsOf(client) === 0 && inFlight < waitFactor * limits.reservedConcurrentExecutions;
}
