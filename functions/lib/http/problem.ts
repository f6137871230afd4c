/** The body of an error response: application/problem+json. */
import type { FieldFault, HttpError } from '../errors.ts';

/**
 * The body of every error response.
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export interface Problem {
  /** Stable and machine-readable, such as urn:cadastro:problem:email-taken. */
  readonly type: string;
  readonly title: string;
  /** The HTTP status code. */
  readonly status: number;
  readonly detail: string;
  /** Repeats `detail`: clients that know no problem details look for `message`. */
  readonly message: string;
  /** The path of the request. */
  readonly instance?: string;
  /** The fault of each field or parameter; empty when the request as a whole is at fault. */
  readonly errors: readonly FieldFault[];
  /** Finds the request in the log. */
  readonly requestId: string;
}

/**
 * Describes an error to the client.
 * @param error undefined for an unexpected error, whose text only the log may show
 * @param path of the request, decoded
 * @param requestId of the invocation
 * @returns the body of the response
 */
export function toProblem(error: HttpError | undefined, path: string | undefined, requestId: string): Problem {
  const detail = error?.message ?? 'The server failed. The log has the reason under this request id.';
  return {
    type: problemType(error?.name ?? 'InternalError'),
    title: error?.title ?? 'Internal error',
    status: error?.status ?? 500,
    detail,
    message: detail,
    ...(path === undefined ? {} : { instance: path }),
    errors: error?.errors ?? [],
    requestId,
  };
}

/** @returns the members of a problem that the result for one item of a batch carries */
export function itemProblem({ name, message }: Pick<Error, 'name' | 'message'>): Pick<Problem, 'type' | 'detail'> {
  return { type: problemType(name), detail: message };
}

/** @returns `urn:cadastro:problem:email-taken` for an error of the name `EmailTaken` */
function problemType(name: string): string {
  return `urn:cadastro:problem:${name.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase()}`;
}
