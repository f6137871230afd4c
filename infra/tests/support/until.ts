/** Polling, for conditions that no event announces. */
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Calls a function again and again until it returns something. The time limit is only there to name a condition that
 * never comes true; it is long, because a test must not depend on how fast the machine is.
 * @param what the awaited condition, for the error message
 * @param look returns undefined or false as long as the condition does not hold
 * @param limits `milliseconds` before it gives up (two minutes if left out), and between two calls (`every`)
 * @returns the first value that is neither undefined nor false
 * @throws Error naming the condition when the time is over
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { milliseconds = 120_000, every = 5 }: { milliseconds?: number; every?: number } = {},
): Promise<T> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${milliseconds} ms`);
    await pause(every);
  }
}
