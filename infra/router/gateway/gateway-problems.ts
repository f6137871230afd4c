/**
 * The gateway's own answers as problem details (RFC 9457). `message` is API Gateway's member for the same thing, for
 * clients that look for it.
 */
import { STATUS_CODES } from 'node:http';

export interface GatewayProblem {
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
  badRequest: (detail: string): GatewayProblem => ({ status: 400, detail }),
  notFound: (path: string): GatewayProblem => ({ status: 404, detail: `There is no route to ${path}` }),
  methodNotAllowed: (method: string, allow: string[]): GatewayProblem => ({
    status: 405,
    detail: `${method} is not allowed here; use ${allow.join(', ')}`,
    headers: ['allow', allow.join(', ')],
  }),
  payloadTooLarge: (limit: number): GatewayProblem => ({
    status: 413,
    detail: `The body is larger than ${limit} bytes`,
    errors: [{ field: 'body', message: `is larger than ${limit} bytes` }],
  }),
  expectationFailed: (): GatewayProblem => ({ status: 417, detail: 'Nothing but 100-continue can be expected here' }),
  tooManyRequests: (): GatewayProblem => ({
    status: 429,
    detail: 'All executions that the function may have are in use; try again soon',
    headers: ['retry-after', '1'],
  }),
  functionError: (): GatewayProblem => ({ status: 500, detail: 'The function failed' }),
  malformedResponse: (): GatewayProblem => ({ status: 500, detail: 'The function gave no answer that can be sent' }),
  functionEnded: (): GatewayProblem => ({ status: 502, detail: "The function's process ended before it answered" }),
  functionNotStarted: (): GatewayProblem => ({ status: 502, detail: 'The function could not be started' }),
  responseTooLarge: (): GatewayProblem => ({ status: 502, detail: "The function's answer is too large" }),
  shuttingDown: (): GatewayProblem => ({
    status: 503,
    detail: 'The server is shutting down',
    headers: ['retry-after', '5'],
  }),
  timeout: (seconds: number): GatewayProblem => ({
    status: 504,
    detail: `The function did not answer within ${seconds} s`,
  }),
};

export function problemBody({ status, detail, errors }: GatewayProblem, requestId?: string): string {
  const title = STATUS_CODES[status] ?? 'Error';
  return JSON.stringify({ type: 'about:blank', title, status, detail, message: title, errors, requestId });
}
