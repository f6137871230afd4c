/**
 * Builds the event of an HTTP request in payload format 1.0: REST APIs, and HTTP APIs that ask for it.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { createHash } from 'node:crypto';
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
import { pathOf } from './request-target.ts';
import { decode, type Match } from './route-tree.ts';

/** Values by name: the last one of each name, and all of them. */
interface Multimap {
  last: Record<string, string>;
  all: Record<string, string[]>;
}

/** Headers that API Gateway writes in this way, whatever the client wrote. The other names keep the client's letters. */
const ownNames: Record<string, string> = {
  host: 'Host',
  'user-agent': 'User-Agent',
  'content-length': 'Content-Length',
};

/**
 * Builds the event of a request, without its body. A field without a value is null.
 * @throws BadRequest for a path that is not percent-encoded UTF-8
 */
export function createEventV1(request: RequestLine, match: Match, context: EventContext): Record<string, unknown> {
  const { method, target, httpVersion, rawHeaders, sourceIp } = request;
  const { routeKey, api, stage } = match.route;
  const isRest = api === 'rest';
  const encodedPath = pathOf(target);
  const decodedPath = decode(encodedPath);
  // REST APIs keep the path as it was sent, and its stage stands in the context alone.
  const sentPath = isRest ? encodedPath : decodedPath;
  const path = isRest && match.hasPrefix ? withoutPrefix(encodedPath) : sentPath;
  const resource = routeKey.slice(routeKey.indexOf(' ') + 1).replace('$default', '/$default');
  const headers = collectHeaders(rawHeaders);
  if (context.traceparent !== undefined) {
    replaceTrace(headers.last, context.traceparent);
    replaceTrace(headers.all, [context.traceparent]);
  }
  const query = collectQuery(target.slice(encodedPath.length + 1));
  const domainName = hostOf(headers.last.Host ?? '');
  return {
    ...(!isRest && { version: '1.0' }),
    resource,
    path,
    httpMethod: method,
    headers: headers.last,
    multiValueHeaders: headers.all,
    queryStringParameters: query?.last ?? null,
    multiValueQueryStringParameters: query?.all ?? null,
    requestContext: {
      accountId: context.accountId,
      apiId: context.apiId,
      ...(!isRest && { authorizer: { claims: null, scopes: null } }),
      domainName,
      domainPrefix: prefixOf(domainName),
      extendedRequestId: context.requestId,
      httpMethod: method,
      identity: {
        accessKey: null,
        accountId: null,
        caller: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp,
        user: null,
        userAgent: headers.last['User-Agent'] ?? null,
        userArn: null,
      },
      path: sentPath,
      protocol: `HTTP/${httpVersion}`,
      requestId: context.requestId,
      requestTime: clfTime(context.time),
      requestTimeEpoch: context.time,
      resourceId: isRest ? resourceIdOf(resource) : null,
      resourcePath: resource,
      stage,
    },
    pathParameters: match.pathParameters ?? null,
    stageVariables: context.stageVariables ?? null,
    body: null,
    isBase64Encoded: false,
  };
}

function collectHeaders(rawHeaders: string[]): Multimap {
  const headers: Multimap = { last: {}, all: {} };
  /** The letters of each name where it came first. */
  const names = new Map<string, string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const sent = rawHeaders[i] as string;
    const lower = sent.toLowerCase();
    const name = names.get(lower) ?? (Object.hasOwn(ownNames, lower) ? (ownNames[lower] as string) : sent);
    names.set(lower, name);
    add(headers, name, rawHeaders[i + 1] as string);
  }
  return headers;
}

function collectQuery(query: string): Multimap | undefined {
  if (query === '') return undefined;
  const parameters: Multimap = { last: {}, all: {} };
  eachParameter(query, (name, value) => add(parameters, name, value));
  return parameters;
}

function add({ last, all }: Multimap, name: string, value: string): void {
  if (Object.hasOwn(all, name)) all[name]?.push(value);
  else setOwn(all, name, [value]);
  setOwn(last, name, value);
}

/** @returns six characters, the same ones for a resource at each request, as the ids of a REST API */
function resourceIdOf(resource: string): string {
  return createHash('sha256').update(resource).digest('hex').slice(0, 6);
}
