/**
 * Hands API Gateway's event to lambda-api without losing anything on the way. lambda-api 1.5 throws, or matches another
 * route, for some requests that are legal, and copies all headers three times. So its parser gets a part of the event, and the
 * handler's request gets the rest afterwards.
 */
import type { APIGatewayProxyEventHeaders, APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Request } from 'lambda-api';

/** The headers that lambda-api itself reads, for `request.auth`, `request.ip` and form bodies. */
const parsedHeaders = ['authorization', 'content-type', 'user-agent', 'x-forwarded-for'];

/** Where the parsed headers carry the whole event. lambda-api keeps one event, that of the latest request. */
const source = Symbol('event');

type ParsedHeaders = APIGatewayProxyEventHeaders & { [source]: APIGatewayProxyEventV2 };

/**
 * Prepares an event for lambda-api's parser.
 * @param event in payload format 2.0, whose header names are in lower case; it stays as it is
 * @returns a copy with the fields that lambda-api can't read replaced; `restoreRequest` brings the originals back
 */
export function toLambdaApiEvent(event: APIGatewayProxyEventV2): APIGatewayProxyEventV2 {
  return {
    ...event,
    rawPath: matchedPath(event),
    headers: headersToParse(event),
    // lambda-api would parse the value of each cookie as JSON: 75 ms of computing for a header of 15 kB. No handler needs cookies.
    cookies: [],
    // lambda-api would parse any body as JSON, whatever its size, its type and the method.
    body: null as unknown as string,
    isBase64Encoded: false,
  };
}

/**
 * Gives a request the path, the parameters, the headers and the body that the client sent. `request.body` stays null:
 * `readJson` parses bodies. `request.cookies` stays empty: the event has them. `request.multiValueHeaders` stays without
 * most of them: API Gateway has joined repeated headers by commas, and a comma may as well be part of a value. `request.headers`
 * has no If-None-Match, by which lambda-api would answer 304, whatever the method and the status are: `conditionsOf` has it.
 * @param request as lambda-api made it; one that is restored already, or that lambda-api could not parse, stays as it is
 */
export function restoreRequest(request: Request): void {
  const event = (request.rawHeaders as Partial<ParsedHeaders> | undefined)?.[source];
  if (event === undefined) return;
  request.event = event;
  request.path = event.rawPath;
  request.rawBody = (event.body ?? null) as string;
  request.isBase64Encoded = event.isBase64Encoded;
  request.rawHeaders = event.headers ?? {};
  request.headers = withoutCondition(request.rawHeaders);
  // lambda-api loses a parameter named `__proto__`, so nobody would refuse it as unknown.
  request.query = event.queryStringParameters ?? {};
  Object.assign(request.params, event.pathParameters);
}

/**
 * @param request of a handler that `serve` made
 * @returns the event exactly as API Gateway sent it, such as `rawQueryString`, which lambda-api's request lacks
 */
export function eventOf(request: Request): APIGatewayProxyEventV2 {
  return request.event;
}

/** @param request of a handler that `serve` made @returns its headers, with all that set conditions (conditions.ts) */
export function conditionsOf(request: Request): APIGatewayProxyEventHeaders {
  return eventOf(request).headers ?? {};
}

function withoutCondition(headers: APIGatewayProxyEventHeaders): APIGatewayProxyEventHeaders {
  if (headers['if-none-match'] === undefined) return headers;
  const { 'if-none-match': _, ...others } = headers;
  return others;
}

/**
 * lambda-api matches the decoded path, in which a parameter may contain `/`, `?` or a name of Object.prototype. The gateway
 * has matched the encoded path already, so lambda-api gets the route's own path: `/users/{id}` instead of `/users/7`.
 */
function matchedPath({ routeKey = '$default', rawPath }: APIGatewayProxyEventV2): string {
  return routeKey === '$default' ? rawPath : routeKey.slice(routeKey.indexOf(' ') + 1);
}

function headersToParse(event: APIGatewayProxyEventV2): ParsedHeaders {
  const { headers = {} } = event;
  const parsed: ParsedHeaders = { [source]: event };
  for (const name of parsedHeaders) if (headers[name] !== undefined) parsed[name] = headers[name];
  return parsed;
}
