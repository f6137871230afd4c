/** Ends work that may be synchronous or asynchronous. */

/** How a piece of work ends. */
interface Ending {
  /** Runs after the work. If it throws, `failed` runs too. */
  readonly done?: () => void;
  /** Runs when the work has thrown. */
  readonly failed?: (error: unknown) => void;
}

/**
 * Runs the work and then its ending. Synchronous work stays synchronous.
 * @returns the work's result
 */
export function around<T>(work: () => T, { done, failed }: Ending): T {
  const fail = (error: unknown): never => {
    failed?.(error);
    throw error;
  };
  const finish = (value: Awaited<T>): Awaited<T> => {
    try {
      done?.();
    } catch (error) {
      return fail(error);
    }
    return value;
  };
  let result: T;
  try {
    result = work();
  } catch (error) {
    return fail(error);
  }
  if (result instanceof Promise) return result.then(finish, fail) as T;
  return finish(result as Awaited<T>) as T;
}
