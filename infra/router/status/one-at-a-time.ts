/** Runs costly work once for many requests, so that a flood of them does not hold up the functions. */

/**
 * Shares work among the calls that come while it runs.
 * @param work costly work without side effects
 * @returns a function whose result is never older than its call: calls during a run share the next run
 */
export function oneAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const start = () => {
    next = undefined;
    current = work().finally(() => {
      current = undefined;
    });
    return current;
  };
  return () => {
    if (next) return next;
    if (!current) return start();
    next = current.then(start, start);
    return next;
  };
}
