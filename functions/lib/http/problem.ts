/**
 * Problems as clients see them: application/problem+json, RFC 9457.
 */
import type { HttpError } from '../errors.ts';

/** The body of every failure: application/problem+json, RFC 9457. */
export interface Problem {
  /** Stable and machine-readable, such as urn:cadastro:problem:email-taken. */
  readonly type: string;
  readonly title: string;
  /** The HTTP status. */
  readonly status: number;
  readonly detail: string;
  /** The same as `detail`. */
  readonly message: string;
  /** The path of the request. */
  readonly instance?: string;
  /** What is wrong with each field or parameter. */
  readonly errors: readonly { readonly field: string; readonly message: string }[];
  readonly requestId: string;
}

/**
 * Turns an error into the body of its answer.
 * @param error undefined for one without a name of ours: its text is for the log alone
 */
export function toProblem(error: HttpError | undefined, path: string | undefined, requestId: string): Problem {
  const detail = error?.message ?? 'Something went wrong on our side; the log knows more under this request id.';
  return {
    type: `urn:cadastro:problem:${kebab(error?.name ?? 'InternalError')}`,
    title: error?.title ?? 'Internal error',
    status: error?.status ?? 500,
    detail,
    message: detail,
    ...(path === undefined ? {} : { instance: path }),
    errors: error?.errors ?? [],
    requestId,
  };
}

/** @returns `email-taken` for `EmailTaken` */
function kebab(name: string): string {
  return name.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase();
}
