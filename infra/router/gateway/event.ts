/**
 * Builds the event of an HTTP request. Format 2.0 is built here, for HTTP APIs and function URLs.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
import {
  clfTime,
  type EventContext,
  eachParameter,
  hostOf,
  prefixOf,
  type RequestLine,
  replaceTrace,
  setOwn,
  withoutPrefix,
} from './event-parts.ts';
import { createEventV1 } from './event-v1.ts';
import { pathOf } from './request-target.ts';
import { decode, type Match } from './route-tree.ts';

/**
 * Builds the event of a request, without its body.
 * @param format payload format: the one of the route, unless an authorizer wants another
 * @throws BadRequest for a path that is not percent-encoded UTF-8
 */
export function createEvent(
  request: RequestLine,
  match: Match,
  context: EventContext,
  format = match.route.payloadFormatVersion,
): Record<string, unknown> {
  return format === '1.0' ? createEventV1(request, match, context) : createEventV2(request, match, context);
}

/** A key without a value is left out, as API Gateway does. */
function createEventV2(request: RequestLine, match: Match, context: EventContext): Record<string, unknown> {
  const { method, target, httpVersion, rawHeaders, sourceIp } = request;
  const { routeKey, api, stage, functionName } = match.route;
  const isUrl = api === 'url';
  const encodedPath = pathOf(target);
  const rawQueryString = target.slice(encodedPath.length + 1);
  // HTTP APIs decode the path, and it begins with their stage; function URLs keep it as it was sent.
  const path = isUrl ? (match.hasPrefix ? withoutPrefix(encodedPath) : encodedPath) : decode(encodedPath);
  const { headers, cookies } = collectHeaders(rawHeaders);
  if (context.traceparent !== undefined) replaceTrace(headers, context.traceparent);
  const host = hostOf(headers.host ?? '');
  const domainName = isUrl && match.hasPrefix ? `${functionName.toLowerCase()}.lambda-url.localhost` : host;
  const domainPrefix = prefixOf(domainName);
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(rawQueryString !== '' && { queryStringParameters: parseQuery(rawQueryString) }),
    requestContext: {
      accountId: isUrl ? 'anonymous' : context.accountId,
      apiId: isUrl ? domainPrefix : context.apiId,
      domainName,
      domainPrefix,
      http: {
        method,
        path,
        protocol: `HTTP/${httpVersion}`,
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: context.requestId,
      routeKey,
      stage,
      time: clfTime(context.time),
      timeEpoch: context.time,
    },
    ...(match.pathParameters && { pathParameters: match.pathParameters }),
    ...(context.stageVariables && !isUrl && { stageVariables: context.stageVariables }),
    isBase64Encoded: false,
  };
}

/** Collects headers by lower-case name, repeated ones joined by commas. Cookies leave the headers for a list of their own. */
function collectHeaders(rawHeaders: string[]): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    const value = rawHeaders[i + 1] as string;
    if (name === 'cookie') {
      for (const cookie of value.split(';')) if (cookie.trim() !== '') cookies.push(cookie.trim());
    } else {
      append(headers, name, value);
    }
  }
  return { headers, cookies };
}

function parseQuery(query: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  eachParameter(query, (name, value) => append(parameters, name, value));
  return parameters;
}

function append(record: Record<string, string>, name: string, value: string): void {
  if (Object.hasOwn(record, name)) record[name] = `${record[name]},${value}`;
  else setOwn(record, name, value);
}
