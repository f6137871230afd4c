/** Parts that the events of both payload formats share. */
import { isUtf8 } from 'node:buffer';
import type { Api } from '../route-configuration.ts';

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
  /** The traceparent that the router has made; undefined where the client's own is valid. */
  traceparent?: string | undefined;
  /** Undefined when there are none. */
  stageVariables: Record<string, string> | undefined;
}

/** @returns a Host header without its port */
export function hostOf(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon === -1 || host.endsWith(']') ? host : host.slice(0, colon);
}

/** @returns the first label of a domain name */
export function prefixOf(domainName: string): string {
  const dot = domainName.indexOf('.');
  return dot === -1 ? domainName : domainName.slice(0, dot);
}

/**
 * Calls back for each pair of a query string. A pair without "=" has an empty value. A percent sign that begins no escape stays as
 * it was sent, and escaped bytes that are no UTF-8 become U+FFFD.
 * @param query in ASCII: Node.js refuses any other
 */
export function eachParameter(query: string, take: (name: string, value: string) => void): void {
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = equals === -1 ? pair : pair.slice(0, equals);
    take(decodeForm(name), equals === -1 ? '' : decodeForm(pair.slice(equals + 1)));
  }
}

/** @returns the values of a parameter in a query string, in their order */
export function parameterValues(query: string, name: string): string[] {
  const values: string[] = [];
  eachParameter(query, (each, value) => {
    if (each === name) values.push(value);
  });
  return values;
}

function decodeForm(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  // decodeURIComponent throws for each broken value, and thousands of exceptions in one query would keep other requests waiting.
  if (!spaced.includes('%')) return spaced;
  const bytes = spaced.replace(/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

/** Sets a member of a record. An assignment to __proto__ would set the prototype. */
export function setOwn<Value>(record: Record<string, Value>, name: string, value: Value): void {
  if (name !== '__proto__') record[name] = value;
  else Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
}

/**
 * Replaces the header Transfer-Encoding of an event.
 * @param event of either payload format
 * @param bytes length of the whole body
 */
export function announceLength(event: Record<string, unknown>, bytes: number): void {
  const { headers, multiValueHeaders } = event as {
    headers: Record<string, string>;
    multiValueHeaders?: Record<string, string[]>;
  };
  for (const name of Object.keys(headers)) {
    if (name.toLowerCase() !== 'transfer-encoding') continue;
    delete headers[name];
    delete multiValueHeaders?.[name];
  }
  headers[multiValueHeaders ? 'Content-Length' : 'content-length'] = String(bytes);
  if (multiValueHeaders) multiValueHeaders['Content-Length'] = [String(bytes)];
}

/**
 * Gives an event the trace context that the router has made. A tracestate belongs to the invalid traceparent that it replaces.
 * @param values of headers by name
 * @see infra/docs/decisions/058-trace-context.md
 */
export function replaceTrace<Value>(values: Record<string, Value>, traceparent: Value): void {
  for (const name of Object.keys(values)) {
    if (/^trace(parent|state)$/i.test(name)) delete values[name];
  }
  values.traceparent = traceparent;
}

/** @returns a path without its first segment, which is the name of a stage or of a function */
export function withoutPrefix(path: string): string {
  const [, rest = ''] = /^\/+[^/]*(.*)$/.exec(path) ?? [];
  return rest === '' ? '/' : rest;
}

const textTypes = /^text\/|^application\/(json|xml|javascript)$|\+(json|xml)$/;

/**
 * Decides whether a body stands in the event as text or as base64. HTTP APIs and function URLs decide by content type, and
 * a REST API without binary media types takes every body for text. Bytes that are not UTF-8 would not survive as text, so
 * they become base64 everywhere.
 */
export function isTextBody(
  api: Api,
  contentType: string | undefined,
  contentEncoding: string | undefined,
  body: Buffer,
): boolean {
  if (api === 'rest') return isUtf8(body);
  if (contentEncoding !== undefined && contentEncoding !== 'identity') return false;
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
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
