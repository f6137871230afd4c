/** The time limit of INIT. */
import { readFileSync } from 'node:fs';

/** Starved time below this share of the limit does not extend it: the kernel lets every process wait for a moment. */
const minStarvedShare = 0.01;

/** An extension is at least this share of the limit, because the kernel counts a wait only when it is over. */
const minExtensionShare = 0.1;

/**
 * Starts the time limit of a process's INIT. Time in which the process was ready to run and got no processor does not count,
 * so that a start on a busy machine takes longer instead of failing. A handler that waits or computes for too long fails
 * all the same.
 * @param limitMs   INIT_TIMEOUT_MS
 * @param starvedMs returns how long the process has waited for a processor so far (ms)
 * @param onTimeout called once
 * @returns a function that ends the limit
 */
export function startInitTimer(limitMs: number, starvedMs: () => number, onTimeout: () => void): () => void {
  let elapsedMs = limitMs;
  const check = () => {
    const starved = starvedMs();
    const leftMs = limitMs - (elapsedMs - starved);
    if (starved < limitMs * minStarvedShare || leftMs <= 0) {
      onTimeout();
      return;
    }
    const extensionMs = Math.max(leftMs, limitMs * minExtensionShare);
    elapsedMs += extensionMs;
    timer = setTimeout(check, extensionMs);
  };
  let timer = setTimeout(check, limitMs);
  return () => clearTimeout(timer);
}

/**
 * Reads how long a process's main thread has waited for a processor.
 * @returns milliseconds; 0 where the system does not report the time
 * @see https://docs.kernel.org/scheduler/sched-stats.html
 */
export function readStarvedMs(pid: number | undefined): number {
  try {
    const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
    return Number(waitedNs) / 1e6 || 0;
  } catch {
    return 0;
  }
}
