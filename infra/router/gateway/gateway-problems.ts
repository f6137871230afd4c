/**
 * The gateway's own error answers as problem details. Their member `message` is API Gateway's text for the same error, so
 * that clients of either kind find it.
 * @see https://www.rfc-editor.org/rfc/rfc9457.html
 */
import { STATUS_CODES } from 'node:http';
import type { Api } from '../route-configuration.ts';
import type { FunctionError } from '../runtime/invocation.ts';
import { missingPackage } from '../runtime/missing-package.ts';

/** An error answer of the gateway, before it is written as JSON. */
export interface GatewayProblem {
  status: number;
  detail: string;
  /** API Gateway's text where it is not the status's own one; REST APIs have null for some errors. */
  message?: string | null;
  /** Header names and values in turn. */
  headers?: string[];
  /** The parts of the request that are at fault. */
  errors?: { field: string; message: string }[];
  /** The function's own error, which only developers see. */
  error?: FunctionError | undefined;
}

/** The gateway can't accept a request although it is HTTP. The message goes to the client. */
export class BadRequestError extends Error {
  override name = 'BadRequest';
}

/** The client may come again after a second. */
const retrySoon = ['retry-after', '1'];

/** How each kind of API answers when a function throws, or gives a malformed answer. */
const internalError = {
  http: { status: 500 },
  rest: { status: 502, message: 'Internal server error' },
  url: { status: 502, message: 'Internal Server Error' },
};

/** One problem for each error that the gateway answers itself. */
export const problems = {
  badRequest: (detail: string): GatewayProblem => ({ status: 400, detail }),
  notFound: (path: string): GatewayProblem => ({ status: 404, detail: `There is no route to ${path}` }),
  notInRestApi: (method: string, path: string): GatewayProblem => ({
    status: 403,
    detail: `The REST API has no route ${method} ${path}`,
    message: 'Missing Authentication Token',
    headers: ['x-amzn-errortype', 'MissingAuthenticationTokenException'],
  }),
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
  misdirected: (host: string): GatewayProblem => ({
    status: 421,
    detail: `There is no host "${host.slice(0, 253)}" here: add its name to ALLOWED_HOSTS`,
  }),
  unauthorized: (challenge?: string): GatewayProblem => ({
    status: 401,
    detail: 'The request does not say who sends it, or its token is invalid',
    headers: ['x-amzn-errortype', 'UnauthorizedException', ...(challenge ? ['www-authenticate', challenge] : [])],
  }),
  forbidden: (challenge?: string): GatewayProblem => ({
    status: 403,
    detail: 'The authorizer of the route does not let you call it',
    headers: challenge ? ['www-authenticate', challenge] : [],
  }),
  accessDenied: (isExplicit: boolean): GatewayProblem => ({
    status: 403,
    detail: 'The authorizer of the route does not let you call it',
    message: `User is not authorized to access this resource${isExplicit ? ' with an explicit deny' : ''}`,
    headers: ['x-amzn-errortype', 'AccessDeniedException'],
  }),
  authorizerFailed: (isRest: boolean): GatewayProblem => ({
    status: 500,
    detail: 'The authorizer of the route failed',
    ...(isRest && { message: null }),
    headers: isRest ? ['x-amzn-errortype', 'AuthorizerConfigurationException'] : [],
  }),
  authorizerNotSupported: (name: string, fault?: string): GatewayProblem => ({
    status: 501,
    detail:
      fault === undefined
        ? `The router has no authorizer of the kind ${name}: set ALLOW_UNAUTHORIZED=on to let everybody call the route`
        : `The authorizer of the route can't decide: ${fault}`,
  }),
  crossOrigin: (): GatewayProblem => ({ status: 403, detail: 'A page of another origin may not read this' }),
  expectationFailed: (): GatewayProblem => ({
    status: 417,
    detail: 'The only expectation that is supported is 100-continue',
  }),
  tooManyRequests: (): GatewayProblem => ({
    status: 429,
    detail: 'All executions that the function may have are in use; try again soon',
    headers: retrySoon,
  }),
  rateExceeded: (why: string, waitSeconds: number): GatewayProblem => ({
    status: 429,
    detail: `${why}; wait ${waitSeconds} s`,
    headers: ['retry-after', String(waitSeconds)],
  }),
  overloaded: (): GatewayProblem => ({
    status: 503,
    detail: 'More requests came than the function can answer soon; try again soon',
    headers: retrySoon,
  }),
  clientHasStreams: (): GatewayProblem => ({
    status: 429,
    detail: 'Your address has as many streams open as one client may have; close one',
    headers: retrySoon,
  }),
  tooManyStreams: (): GatewayProblem => ({
    status: 503,
    detail: 'As many streams are open as the server may have; try again soon',
    headers: retrySoon,
  }),
  eventTooLarge: (limit: number): GatewayProblem => ({
    status: 413,
    detail: `The event with this body is larger than ${limit} bytes; a binary body grows by a third in it`,
    errors: [{ field: 'body', message: `makes the event larger than ${limit} bytes` }],
  }),
  integrationTimeout: (limitMs: number, api: Api): GatewayProblem => ({
    ...(api === 'rest' ? { status: 504, message: 'Endpoint request timed out' } : { status: 503 }),
    detail: `The function did not answer within ${limitMs / 1000} s, and goes on; a request waits no longer`,
    headers: retrySoon,
  }),
  requestMemoryFull: (): GatewayProblem => ({
    status: 503,
    detail: 'The bodies of other requests, or of others from your address, fill the memory for them; try again soon',
    headers: retrySoon,
  }),
  functionError: (api: Api): GatewayProblem => ({ ...internalError[api], detail: 'The function failed' }),
  malformedResponse: (api: Api): GatewayProblem => ({
    ...internalError[api],
    detail: 'The function gave no answer that can be sent',
  }),
  functionEnded: (): GatewayProblem => ({ status: 502, detail: "The function's process ended before it answered" }),
  functionNotStarted: (shown?: FunctionError): GatewayProblem => ({
    status: 502,
    detail: `The function could not be started${shown ? `: ${describeError(shown)}` : ''}`,
    error: shown,
  }),
  responseTooLarge: (): GatewayProblem => ({ status: 502, detail: "The function's answer is too large" }),
  timeout: (seconds: number): GatewayProblem => ({
    status: 504,
    detail: `The function did not answer within ${seconds} s`,
  }),
};

function describeError({ errorType, errorMessage }: FunctionError): string {
  const name = missingPackage(errorMessage);
  return name ? `the package "${name}" is missing: npm install ${name}` : `${errorType}: ${errorMessage}`;
}

/** @returns a problem as JSON; `requestId` is left out where there is none */
export function problemBody(problem: GatewayProblem, requestId?: string): string {
  const { status, detail, errors, error } = problem;
  const title = STATUS_CODES[status] ?? 'Error';
  const { message = title } = problem;
  return JSON.stringify({ type: 'about:blank', title, status, detail, message, errors, error, requestId });
}
