/**
 * Makes a Lambda handler of lambda-api routes: an API Gateway event becomes a request, an error becomes a problem.
 */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import lambdaApi, { type API, type Options, type Request, type Response } from 'lambda-api';
import { runFor } from '../current-request.ts';
import { DatabaseBusy, HttpError, MethodNotAllowed, RouteNotFound } from '../errors.ts';
import { log } from '../logger.ts';
import { counter, flushMetrics, withMetrics } from '../metrics.ts';
import { requireNoRefusal } from './authorization.ts';
import { refuseSimpleRequest } from './body.ts';
import { restoreRequest, toLambdaApiEvent } from './event.ts';
import { toProblem } from './problem.ts';

/** A Lambda handler for HTTP API events in payload format 2.0. */
export type ApiHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** Answers one request. An error that a route throws becomes a problem (RFC 9457). */
export type Route = (request: Request, response: Response) => void | Promise<void>;

const methods = ['get', 'post', 'put', 'patch', 'delete', 'any'] as const;

/** Registers routes, one method a kind of request. Paths are lambda-api's: `/users/:id` for function.json's `/users/{id}`. */
export type Routes = Record<(typeof methods)[number], (path: string, route: Route) => void>;

/** lambda-api's types describe its CommonJS module; bundles contain its ES module, whose default export is the function. */
const createApi = lambdaApi as unknown as (options: Options) => API;

/** Browsers must not take a text of a client in an answer for a page. @see https://fetch.spec.whatwg.org/#x-content-type-options-header */
const noSniffing = ['x-content-type-options', 'nosniff'] as const;
/** Headers of a read that an error response keeps. lambda-api removes all other headers that were set before the error. */
const errorHeaders = ['x-cache', 'server-timing'];

const unexpectedErrors = counter('UnexpectedErrors');

const startHooks: (() => void)[] = [];

/** Registers a function that runs before each invocation, for what must not outlive the one before. */
export function onInvocation(hook: () => void): void {
  startHooks.push(hook);
}

/**
 * Makes a Lambda handler.
 * @param register adds the function's routes
 * @returns a handler that never rejects: an unexpected error becomes a 500 and a line in the log
 */
export function serve(register: (routes: Routes) => void): ApiHandler {
  const api = createApi({ errorHeaderWhitelist: errorHeaders });
  register(routesOf(api));
  const allow = allowedMethods(api);
  api.use((error: Error, request: Request, response: Response, _next: () => void) => {
    // lambda-api's own errors, such as a 404, come before the route that restores the request.
    restoreRequest(request);
    sendProblem(toHttpError(error, allow), error, request, response);
  });
  flushMetrics();
  return (event, context) => {
    for (const hook of startHooks) hook();
    return withMetrics(runFor({ event, id: context.awsRequestId }, () => api.run(toLambdaApiEvent(event), context)));
  };
}

function routesOf(api: API): Routes {
  const register = (method: (typeof methods)[number]) => (path: string, route: Route) =>
    api[method](path, (request: Request, response: Response) => {
      restoreRequest(request);
      requireNoRefusal(request.event);
      if (request.method === 'POST') refuseSimpleRequest(request.headers);
      response.header(...noSniffing);
      return route(request, response);
    });
  return Object.fromEntries(methods.map((method) => [method, register(method)])) as Routes;
}

/** @returns undefined for an error that clients must not see, because it is not one of errors.ts */
function toHttpError(error: Error, allow: string): HttpError | undefined {
  if (error instanceof HttpError) return error;
  if (error.name === 'RouteError') return new RouteNotFound('This function has no such route.');
  if (error.name === 'MethodError') {
    return new MethodNotAllowed(`This function answers ${allow} only.`, { headers: { allow } });
  }
  return undefined;
}

function sendProblem(known: HttpError | undefined, error: Error, request: Request, response: Response): void {
  // lambda-api sets both after it has parsed the event, which may have failed.
  const { context, path }: Partial<Request> = request;
  (known === undefined ? unexpectedErrors : known.counted)?.add();
  if (known === undefined) log.error('Unexpected error', { error, path }, context);
  // A flood causes many refusals, and the stack of one in the log costs more than the refusal. Metrics count them.
  else if (known.status >= 500 && !(known instanceof DatabaseBusy))
    log.error(known.message, { error, cause: causeOf(known) }, context);
  // The message may repeat what the client sent.
  else log.debug(known.title, { error: known.name, status: known.status }, context);
  const problem = toProblem(known, path, context?.awsRequestId ?? '');
  for (const [name, value] of Object.entries(known?.headers ?? {})) response.header(name, value);
  response.header(...noSniffing);
  response.header('content-type', 'application/problem+json');
  response.header('cache-control', 'no-store');
  response.status(problem.status).send(JSON.stringify(problem));
}

function causeOf({ cause }: HttpError): Error | undefined {
  return cause instanceof Error ? cause : undefined;
}

/** @returns the methods of all routes as the value of an Allow header, which lambda-api's 405 lacks */
function allowedMethods(api: API): string {
  const allowed = new Set(api.routes(false).map(([method]) => method));
  if (allowed.has('GET')) allowed.add('HEAD');
  return [...allowed].join(', ');
}
