/** Ends environments that nobody has needed for a time. */
import { performance } from 'node:perf_hooks';
import type { Environment } from './environment.ts';

/**
 * @param kept      how many environments stay warm in any case
 * @param timeoutMs how long another one may be idle (ms)
 */
export function endIdleEnvironments(environments: ReadonlySet<Environment>, kept: number, timeoutMs: number): void {
  const limit = performance.now() - timeoutMs;
  let spare = environments.size - kept;
  for (const environment of environments) {
    if (spare <= 0) return;
    if (environment.state !== 'ready' || environment.inFlight > 0 || environment.idleSince > limit) continue;
    spare--;
    void environment.end();
  }
}
