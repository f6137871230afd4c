import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits for what no event tells: looks again every few milliseconds.
 * @returns the first value that is neither undefined nor false
 * @throws Error naming what was waited for, when it does not come in time
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { milliseconds = 10_000, every = 5 }: { milliseconds?: number; every?: number } = {},
): Promise<T> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${milliseconds} ms`);
    await pause(every);
  }
}
