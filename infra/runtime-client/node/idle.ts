/** Finds the moment at which a function's process has finished its start and has nothing to do. */

/** How long the process must have had no invocation to count as idle (ms). */
const quietMs = 1000;

/**
 * Calls a function once, as soon as a second has passed without an invocation.
 * @param invocations returns the number of invocations so far, or undefined while one is running
 */
export function onceIdle(invocations: () => number | undefined, action: () => void): void {
  let before = invocations();
  const timer = setInterval(() => {
    const now = invocations();
    if (now !== undefined && now === before) {
      clearInterval(timer);
      action();
    }
    before = now;
  }, quietMs).unref();
}
