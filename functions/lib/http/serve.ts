/**
 * From an API Gateway event to a route of lambda-api, and from whatever goes wrong to a problem.
 */
import type {
  APIGatewayProxyEventHeaders,
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
} from 'aws-lambda';
import lambdaApi, { type API, type Options, type Request, type Response } from 'lambda-api';
import { HttpError, MethodNotAllowed, RouteNotFound } from '../errors.ts';
import { log } from '../logger.ts';
import { toProblem } from './problem.ts';

export type ApiHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** What a request's body is to lambda-api: an object, which it leaves alone (see body.ts). */
export interface RawBody {
  readonly text: string;
  readonly base64: boolean;
}

export type Route = (request: Request, response: Response) => void | Promise<void>;

/** The part of lambda-api that functions register their routes with. */
export type Routes = Record<'get' | 'post' | 'put' | 'patch' | 'delete', (path: string, route: Route) => void>;

/** lambda-api declares its types as CommonJS; what is imported here is its ES module, whose default is the function. */
const createApi = lambdaApi as unknown as (options: Options) => API;

/** The headers that functions get to see. */
const requestHeaders = ['content-type', 'if-match', 'if-none-match', 'idempotency-key'];

/** Headers of reads that errors carry, too. */
const kept = ['x-cache', 'server-timing'];

/**
 * Makes a Lambda handler of routes.
 * @param register adds the function's routes
 */
export function serve(register: (routes: Routes) => void): ApiHandler {
  const api = createApi({ errorHeaderWhitelist: kept });
  register(api as Routes);
  const allow = methodsOf(api);
  api.use((error: Error, request: Request, response: Response, _next: () => void) => {
    sendProblem(toHttpError(error, allow), error, request, response);
  });
  return (event, context) => api.run(toLambdaApi(event), context);
}

/**
 * The event as lambda-api takes it best. It would parse the body itself (and throw and catch when there is none), copy
 * all headers three times, and fail on a cookie that is not percent-encoded: it gets the body as an object, the headers
 * that functions use, and no cookies.
 */
function toLambdaApi(event: APIGatewayProxyEventV2): APIGatewayProxyEventV2 {
  const { version, routeKey, rawPath, rawQueryString, queryStringParameters, pathParameters, requestContext } = event;
  return {
    version,
    routeKey,
    rawPath,
    rawQueryString,
    headers: usedHeaders(event.headers),
    cookies: [],
    queryStringParameters,
    pathParameters,
    requestContext,
    body: rawBody(event) as unknown as string,
    isBase64Encoded: false,
  };
}

/** The gateway gives their names in lower case. */
function usedHeaders(headers: APIGatewayProxyEventHeaders = {}): APIGatewayProxyEventHeaders {
  const used: APIGatewayProxyEventHeaders = {};
  for (const name of requestHeaders) {
    const value = headers[name];
    if (value !== undefined) used[name] = value;
  }
  return used;
}

function rawBody({ body, isBase64Encoded }: APIGatewayProxyEventV2): RawBody | null {
  return body === undefined || body === null ? null : { text: body, base64: isBase64Encoded === true };
}

/** @returns undefined for an error that has no name of ours */
function toHttpError(error: Error, allow: string): HttpError | undefined {
  if (error instanceof HttpError) return error;
  if (error.name === 'RouteError') return new RouteNotFound('This function has no such route.');
  if (error.name === 'MethodError') {
    return new MethodNotAllowed(`This function answers ${allow} only.`, { headers: { allow } });
  }
  return undefined;
}

function sendProblem(known: HttpError | undefined, error: Error, request: Request, response: Response): void {
  const context = request.context as Context;
  if (known === undefined) log.error('Unexpected error', { error, path: request.path }, context);
  else if (known.status >= 500) log.error(known.message, { error, cause: causeOf(known) }, context);
  else log.debug(known.message, { error: known.name, status: known.status }, context);
  const problem = toProblem(known, request.path, requestIdOf(request));
  for (const [name, value] of Object.entries(known?.headers ?? {})) response.header(name, value);
  response.header('content-type', 'application/problem+json');
  response.header('cache-control', 'no-store');
  response.status(problem.status).send(JSON.stringify(problem));
}

function causeOf({ cause }: HttpError): Error | undefined {
  return cause instanceof Error ? cause : undefined;
}

function requestIdOf({ context, requestContext }: Request): string {
  return (context as Context | undefined)?.awsRequestId ?? requestContext?.requestId ?? '';
}

/** @returns the methods of all routes, as they stand in Allow */
function methodsOf(api: API): string {
  const methods = new Set(api.routes(false).map(([method]) => method));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].join(', ');
}
