/**
 * An HTTP request as the event of API Gateway's HTTP APIs, payload format 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { isUtf8 } from 'node:buffer';
import type { Match } from './routes.ts';

export interface RequestLine {
  method: string;
  /** Path and query as they were sent. */
  target: string;
  httpVersion: string;
  /** Names and values in turn, as they were sent. */
  rawHeaders: string[];
  sourceIp: string;
}

export interface Origin {
  requestId: string;
  /** Milliseconds since the epoch. */
  time: number;
  accountId: string;
  apiId: string;
}

/** The path of a request target, without its query string. */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

/** The event of a request, but for its body. Keys that have nothing to say are left out. */
export function createEvent(request: RequestLine, match: Match, origin: Origin): Record<string, unknown> {
  const { method, target, httpVersion, rawHeaders, sourceIp } = request;
  const { routeKey } = match.route;
  const rawQueryString = target.slice(pathOf(target).length + 1);
  const path = decode(pathOf(target));
  const { headers, cookies } = collectHeaders(rawHeaders);
  const domainName = headers.host ?? '';
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(rawQueryString !== '' && { queryStringParameters: parseQuery(rawQueryString) }),
    requestContext: {
      accountId: origin.accountId,
      apiId: origin.apiId,
      domainName,
      domainPrefix: domainName.split('.', 1)[0],
      http: {
        method,
        path,
        protocol: `HTTP/${httpVersion}`,
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: origin.requestId,
      routeKey,
      stage: '$default',
      time: clfTime(origin.time),
      timeEpoch: origin.time,
    },
    ...(match.pathParameters && { pathParameters: match.pathParameters }),
    isBase64Encoded: false,
  };
}

/** Lower-case names; what was sent more than once is joined by commas; cookies apart. */
function collectHeaders(rawHeaders: string[]): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    const value = rawHeaders[i + 1] as string;
    if (name === 'cookie') cookies.push(...value.split(/; */).filter(Boolean));
    else headers[name] = Object.hasOwn(headers, name) ? `${headers[name]},${value}` : value;
  }
  return { headers, cookies };
}

function parseQuery(query: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    parameters[name] = Object.hasOwn(parameters, name) ? `${parameters[name]},${value}` : value;
  }
  return parameters;
}

function decode(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * Whether a body is put into the event as text. API Gateway does so by content type; bytes that are no UTF-8 would not
 * survive it, so they go as base64 whatever their type.
 */
export function isTextBody(
  contentType: string | undefined,
  contentEncoding: string | undefined,
  body: Buffer,
): boolean {
  if (contentEncoding !== undefined && contentEncoding !== 'identity') return false;
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? 'text/plain';
  return /^text\/|^application\/(json|xml|javascript)$|\+(json|xml)$/.test(type) && isUtf8(body);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
let lastSecond = 0;
let lastTime = '';

/** Common log format in UTC: 12/Mar/2020:19:03:58 +0000. */
export function clfTime(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (second !== lastSecond) {
    const date = new Date(milliseconds);
    const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(date.toISOString()) ?? [];
    lastTime = `${day}/${months[Number(month) - 1]}/${year}:${time} +0000`;
    lastSecond = second;
  }
  return lastTime;
}
