/**
 * The gateway's own answers as problem details (RFC 9457). `message` is API Gateway's member for the same thing, for
 * clients that look for it.
 */
import { STATUS_CODES } from 'node:http';

export interface Problem {
  status: number;
  detail: string;
  /** Names and values in turn. */
  headers?: string[];
  /** What of the request is at fault. */
  errors?: { field: string; message: string }[];
}

/** A request that is HTTP and yet can't be taken; the message is for the client. */
export class BadRequestError extends Error {
  override name = 'BadRequest';
}

export const problems = {
  badRequest: (detail: string): Problem => ({ status: 400, detail }),
  notFound: (path: string): Problem => ({ status: 404, detail: `There is no route to ${path}` }),
  methodNotAllowed: (method: string, allow: string[]): Problem => ({
    status: 405,
    detail: `${method} is not allowed here; use ${allow.join(', ')}`,
    headers: ['allow', allow.join(', ')],
  }),
  payloadTooLarge: (limit: number): Problem => ({
    status: 413,
    detail: `The body is larger than ${limit} bytes`,
    errors: [{ field: 'body', message: `is larger than ${limit} bytes` }],
  }),
  expectationFailed: (): Problem => ({ status: 417, detail: 'Nothing but 100-continue can be expected here' }),
  tooManyRequests: (): Problem => ({
    status: 429,
    detail: 'All executions that the function may have are in use; try again soon',
    headers: ['retry-after', '1'],
  }),
  functionError: (): Problem => ({ status: 500, detail: 'The function failed' }),
  malformedResponse: (): Problem => ({ status: 500, detail: 'The function gave no answer that can be sent' }),
  functionEnded: (): Problem => ({ status: 502, detail: "The function's process ended before it answered" }),
  functionNotStarted: (): Problem => ({ status: 502, detail: 'The function could not be started' }),
  responseTooLarge: (): Problem => ({ status: 502, detail: "The function's answer is too large" }),
  shuttingDown: (): Problem => ({ status: 503, detail: 'The server is shutting down', headers: ['retry-after', '5'] }),
  timeout: (seconds: number): Problem => ({ status: 504, detail: `The function did not answer within ${seconds} s` }),
};

export function problemBody({ status, detail, errors }: Problem, requestId?: string): string {
  const title = STATUS_CODES[status] ?? 'Error';
  return JSON.stringify({ type: 'about:blank', title, status, detail, message: title, errors, requestId });
}
