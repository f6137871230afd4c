/** Picks the environment for one more invocation. */
import type { Environment } from './environment.ts';

/** An environment with a shorter wait (ms) counts as one without load. */
const idleWaitMs = 1;

/** @returns the environment with room and the shortest wait; undefined if none has room */
export function pickEnvironment(environments: Iterable<Environment>): Environment | undefined {
  let best: Environment | undefined;
  for (const environment of environments) {
    if (!environment.hasRoom) continue;
    // Without load the first one is taken, so that the others become idle.
    if (environment.waitMs <= idleWaitMs) return environment;
    if (!best || environment.waitMs < best.waitMs) best = environment;
  }
  return best;
}
