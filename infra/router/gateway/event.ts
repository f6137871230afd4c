/**
 * Builds the event of an HTTP request: API Gateway's HTTP APIs, payload format 2.0.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { isUtf8 } from 'node:buffer';
import { unescape as unescapeLeniently } from 'node:querystring';
import { pathOf } from './request-target.ts';
import { decode, type Match } from './route-tree.ts';

/** The parts of an HTTP request that the event is built from. */
export interface RequestLine {
  method: string;
  /** Path and query string as they were sent. */
  target: string;
  httpVersion: string;
  /** Header names and values in turn, as they were sent. */
  rawHeaders: string[];
  /** The client's address. */
  sourceIp: string;
}

/** The parts of the event that come from the gateway. */
export interface EventContext {
  requestId: string;
  /** Milliseconds since the epoch. */
  time: number;
  accountId: string;
  apiId: string;
  /** Undefined when there are none. */
  stageVariables: Record<string, string> | undefined;
}

/**
 * Builds the event of a request, without its body. A key without a value is left out, as API Gateway does.
 * @throws BadRequest for a path that is not percent-encoded UTF-8
 */
export function createEvent(request: RequestLine, match: Match, context: EventContext): Record<string, unknown> {
  const { method, target, httpVersion, rawHeaders, sourceIp } = request;
  const { routeKey } = match.route;
  const encodedPath = pathOf(target);
  const rawQueryString = target.slice(encodedPath.length + 1);
  // HTTP APIs decode the path; REST APIs and function URLs do not.
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
      accountId: context.accountId,
      apiId: context.apiId,
      domainName,
      domainPrefix: prefixOf(domainName),
      http: {
        method,
        path,
        protocol: `HTTP/${httpVersion}`,
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: context.requestId,
      routeKey,
      stage: '$default',
      time: clfTime(context.time),
      timeEpoch: context.time,
    },
    ...(match.pathParameters && { pathParameters: match.pathParameters }),
    ...(context.stageVariables && { stageVariables: context.stageVariables }),
    isBase64Encoded: false,
  };
}

/** @returns a Host header without its port */
function hostOf(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon === -1 || host.endsWith(']') ? host : host.slice(0, colon);
}

function prefixOf(domainName: string): string {
  const dot = domainName.indexOf('.');
  return dot === -1 ? domainName : domainName.slice(0, dot);
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

/** A pair without "=" has an empty value. Percent-encoding that can't be decoded stays as it was sent. */
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
  // An assignment to __proto__ would set the prototype.
  else Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
}

const textTypes = /^text\/|^application\/(json|xml|javascript)$|\+(json|xml)$/;

/**
 * Decides whether a body stands in the event as text or as base64. API Gateway decides by content type. Bytes that are not
 * UTF-8 would not survive as text, so they become base64 whatever their type.
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

/**
 * Formats a time in the common log format. It keeps the text of the last second, since most requests share one.
 * @param milliseconds since the epoch
 * @returns a time in UTC, such as 12/Mar/2020:19:03:58 +0000
 */
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
