/**
 * Hands API Gateway's event to lambda-api without losing anything on the way. lambda-api 1.5 throws, or matches another
 * route, for some requests that are legal; each case stands at the field that it concerns.
 */
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { Request } from 'lambda-api';

/** The event of each request in progress. lambda-api itself keeps one event only, that of the latest request. */
const events = new WeakMap<Context, APIGatewayProxyEventV2>();

/**
 * Prepares an event for lambda-api's parser.
 * @param event in payload format 2.0; it stays as it is
 * @param context identifies the invocation for `eventOf`
 * @returns a copy with the fields that lambda-api can't read replaced; `restoreRequest` brings the originals back
 */
export function toLambdaApiEvent(event: APIGatewayProxyEventV2, context: Context): APIGatewayProxyEventV2 {
  events.set(context, event);
  return {
    ...event,
    rawPath: matchedPath(event),
    cookies: event.cookies?.flatMap(readableCookie) ?? [],
    // Without a body lambda-api would parse `undefined` as JSON, and catch the error.
    body: (event.body ?? null) as string,
  };
}

/**
 * Gives a request the path and the path parameters that the client sent.
 * @param request as lambda-api made it
 */
export function restoreRequest(request: Request): void {
  const { rawPath, pathParameters } = eventOf(request);
  request.path = rawPath;
  Object.assign(request.params, pathParameters);
}

/**
 * @param request of a handler that `serve` made
 * @returns the event exactly as API Gateway sent it, such as `rawQueryString`, which lambda-api's request lacks
 */
export function eventOf(request: Request): APIGatewayProxyEventV2 {
  return events.get(request.context) as APIGatewayProxyEventV2;
}

/**
 * lambda-api matches the decoded path, in which a parameter may contain `/`, `?` or a name of Object.prototype. The gateway
 * has matched the encoded path already, so lambda-api gets the route's own path: `/users/{id}` instead of `/users/7`.
 */
function matchedPath({ routeKey = '$default', rawPath }: APIGatewayProxyEventV2): string {
  return routeKey === '$default' ? rawPath : routeKey.slice(routeKey.indexOf(' ') + 1);
}

/**
 * lambda-api decodes the value and throws a URIError when it can't; such a value reaches the handler as it was sent.
 * A cookie named `__proto__` would become the prototype of `request.cookies`, so it is dropped.
 */
function readableCookie(cookie: string): string[] {
  const [name = '', ...rest] = cookie.split('=');
  if (name.trim() === '__proto__') return [];
  const value = rest.join('=');
  try {
    decodeURIComponent(value);
    return [cookie];
  } catch {
    return [`${name}=${value.replaceAll('%', '%25')}`];
  }
}
