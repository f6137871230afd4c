/** Why a router did not start, as it is told to whoever started it. */

export interface Failure {
  /** One line for what can be expected, a stack for what can not. */
  message: string;
  /** 2 for a setting that is wrong, else 1. */
  exitCode: number;
}

/** One of the router processes did not start. */
export class RouterProcessError extends Error {
  override name = 'RouterProcessError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

export function failureOf(error: unknown): Failure {
  if (error instanceof RouterProcessError) return error.failure;
  const { name, message, stack } = error as Error;
  const expected = name === 'ConfigurationError' || name === 'StartError';
  return { message: expected ? message : (stack ?? message), exitCode: name === 'ConfigurationError' ? 2 : 1 };
}
