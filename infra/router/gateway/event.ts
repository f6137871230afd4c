/**
 * An HTTP request as the event of API Gateway's HTTP APIs, payload format 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { isUtf8 } from 'node:buffer';
import { unescape as unescapeLeniently } from 'node:querystring';
import { BadRequestError } from './gateway-problems.ts';
import { decode, type Match } from './route-tree.ts';

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
  /** Undefined when there are none. */
  stageVariables: Record<string, string> | undefined;
}

/** The path of a request target, without its query string. */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

/**
 * The event of a request, but for its body. Keys that have nothing to say are left out.
 * @throws BadRequestError
 */
export function createEvent(request: RequestLine, match: Match, origin: Origin): Record<string, unknown> {
  const { method, target, httpVersion, rawHeaders, sourceIp } = request;
  const { routeKey } = match.route;
  const encodedPath = pathOf(target);
  const rawQueryString = target.slice(encodedPath.length + 1);
  // Decoded, other than by REST APIs and function URLs.
  const path = decode(encodedPath);
  const { headers, cookies } = collectHeaders(rawHeaders);
  const domainName = hostOf(headers.host ?? '');
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
      domainPrefix: prefixOf(domainName),
      http: {
        method,
        path,
        protocol: `HTTP/${httpVersion}`,
        sourceIp: sourceIp.startsWith('::ffff:') ? sourceIp.slice(7) : sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: origin.requestId,
      routeKey,
      stage: '$default',
      time: clfTime(origin.time),
      timeEpoch: origin.time,
    },
    ...(match.pathParameters && { pathParameters: match.pathParameters }),
    ...(origin.stageVariables && { stageVariables: origin.stageVariables }),
    isBase64Encoded: false,
  };
}

/** A Host header without its port. */
function hostOf(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon === -1 || host.endsWith(']') ? host : host.slice(0, colon);
}

function prefixOf(domainName: string): string {
  const dot = domainName.indexOf('.');
  return dot === -1 ? domainName : domainName.slice(0, dot);
}

/** Lower-case names; what was sent more than once is joined by commas; cookies apart, and not among the headers. */
function collectHeaders(rawHeaders: string[]): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    const value = rawHeaders[i + 1] as string;
    if (name === 'cookie') {
      for (const cookie of value.split(';')) if (cookie.trim() !== '') cookies.push(cookie.trim());
    } else {
      // Which of two hosts is meant, one who passed the request on may have decided otherwise.
      if (name === 'host' && headers.host !== undefined)
        throw new BadRequestError('There is more than one Host header');
      append(headers, name, value);
    }
  }
  return { headers, cookies };
}

/** Pairs without a "=" have an empty value; percent-encoding that can't be decoded stays as it was sent. */
function parseQuery(query: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = equals === -1 ? pair : pair.slice(0, equals);
    append(parameters, decodeForm(name), equals === -1 ? '' : decodeForm(pair.slice(equals + 1)));
  }
  return parameters;
}

function decodeForm(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  return spaced.includes('%') ? unescapeLeniently(spaced) : spaced;
}

function append(record: Record<string, string>, name: string, value: string): void {
  if (Object.hasOwn(record, name)) record[name] = `${record[name]},${value}`;
  else if (name !== '__proto__') record[name] = value;
  // An assignment would look for the prototype.
  else Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
}

const textTypes = /^text\/|^application\/(json|xml|javascript)$|\+(json|xml)$/;

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
  return textTypes.test(type) && isUtf8(body);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
let lastSecond = 0;
let lastTime = '';

/** Common log format in UTC: 12/Mar/2020:19:03:58 +0000. */
export function clfTime(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (second !== lastSecond || lastTime === '') {
    const date = new Date(milliseconds);
    const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(date.toISOString()) ?? [];
    lastTime = `${day}/${months[Number(month) - 1]}/${year}:${time} +0000`;
    lastSecond = second;
  }
  return lastTime;
}
