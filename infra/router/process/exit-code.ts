/** Turns the error that keeps a router from starting into its message and its exit code. */
import { printableLine, printableText } from '../../http/printable.ts';

/** Why a router did not start. */
export interface Failure {
  /** One line for an error that a user can mend, a stack for any other. */
  message: string;
  /** 2 for an invalid setting, otherwise 1. */
  exitCode: number;
}

/** A router process did not start. The supervisor throws it with that process's failure. */
export class RouterProcessError extends Error {
  override name = 'RouterProcessError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** @returns the failure for anything that was thrown during the start */
export function failureOf(error: unknown): Failure {
  if (error instanceof RouterProcessError) return error.failure;
  const { name, message, stack } = error as Error;
  const expected = name === 'ConfigurationError' || name === 'StartError';
  // A message repeats settings and texts of functions, which may hold anything.
  const printable = expected ? printableLine(message) : printableText(stack ?? message);
  return { message: printable, exitCode: name === 'ConfigurationError' ? 2 : 1 };
}
