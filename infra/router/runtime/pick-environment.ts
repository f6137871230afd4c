/** Picks the environment for one more invocation. */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Environment } from './environment.ts';

/** An environment with a shorter wait (ms) counts as one without load. */
const idleWaitMs = 1;
const processors = availableParallelism();
/** An invocation that runs for longer (ms) is no short one, and does not keep others from running beside it. */
export const shortRunMs = 20;

/**
 * @param room how many more environments may work at once
 * @returns the environment with room and the shortest wait; undefined if none has room, or enough of them work
 */
export function pickEnvironment(
  environments: Iterable<Environment>,
  room = roomToWork(environments),
): Environment | undefined {
  if (room <= 0) return undefined;
  let best: Environment | undefined;
  for (const environment of environments) {
    if (!environment.hasRoom) continue;
    // Without load the first one is taken, so that the others become idle.
    if (environment.waitMs <= idleWaitMs) return environment;
    if (!best || environment.waitMs < best.waitMs) best = environment;
  }
  return best;
}

/**
 * Picks a process that may get one more event of a client behind those that it has.
 * @returns the one with the fewest events; undefined if none may
 */
export function pickForPrefetch(
  environments: Iterable<Environment>,
  client: string | undefined,
): Environment | undefined {
  let best: Environment | undefined;
  for (const environment of environments) {
    if (environment.mayPrefetch(client) && !(best && best.inFlight <= environment.inFlight)) best = environment;
  }
  return best;
}

/**
 * Tells how many environments may work at once. Short invocations that compute keep the processors busy with few processes,
 * and more of them would only take the processors, and their caches, from each other and from the router.
 * @returns Infinity while invocations mostly wait, and where environments take several at once
 * @see infra/docs/decisions/054-processes-that-compute.md
 */
export function workingLimit(environments: Iterable<Environment>): number {
  let known = 0;
  let shares = 0;
  for (const { maxConcurrency, activeShare } of environments) {
    if (maxConcurrency > 1) return Number.POSITIVE_INFINITY;
    if (activeShare === undefined) continue;
    known++;
    shares += activeShare;
  }
  return known === 0 ? Number.POSITIVE_INFINITY : Math.ceil(processors / (shares / known));
}

/** @returns how many more environments may work at once. One with an invocation that is no short one does not count. */
export function roomToWork(environments: Iterable<Environment>): number {
  const limit = workingLimit(environments);
  if (limit === Number.POSITIVE_INFINITY) return limit;
  const begunAfter = performance.now() - shortRunMs;
  let room = limit;
  for (const { inFlight, resting, invokedAt } of environments) {
    if (resting || (inFlight > 0 && invokedAt > begunAfter)) room--;
  }
  return room;
}
