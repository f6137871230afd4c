/** Turns the result of a write into its value. */
import type { WriteResult } from './engine.ts';

/**
 * @returns the value of a result
 * @throws the error of the result, if it has one
 */
export function unwrap<T>(result: WriteResult<T> | undefined): T {
  if (result === undefined) throw new Error('A write gave no result.');
  if ('error' in result) throw result.error;
  return result.value;
}
