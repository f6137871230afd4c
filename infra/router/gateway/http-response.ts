/**
 * Turns a function's answer into an HTTP response. In payload format 2.0 an answer without a statusCode is the JSON body of
 * a 200. Format 1.0 has no such rule, has multiValueHeaders, and has no cookies.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
import type { RouteConfiguration } from '../route-configuration.ts';

/** A response that is ready to be written. */
export interface HttpResponse {
  statusCode: number;
  /** Header names and values in turn; a name may come more than once. Node.js checks their characters when it writes them. */
  headers: string[];
  body: Buffer;
}

/** A function's answer has none of the forms of its payload format. The gateway answers 500 or 502, as API Gateway does. */
export class MalformedResponseError extends Error {
  override name = 'MalformedResponse';
}

/** Headers that the gateway sets itself: the length of the message, its framing and its connection. */
const framingHeaders = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
]);

/** The settings of a route that decide how its answers are read. */
export type AnswerFormat = Pick<RouteConfiguration, 'api' | 'payloadFormatVersion'>;

/**
 * Reads status, headers and cookies of an answer. Null counts as absent: typed languages write empty fields as null.
 * @param head the answer as the function gave it, with or without its body
 * @throws MalformedResponse
 */
export function parseHead(head: unknown, { api, payloadFormatVersion }: AnswerFormat): Omit<HttpResponse, 'body'> {
  if (typeof head !== 'object' || head === null) throw new MalformedResponseError('the answer is not an object');
  const answer = head as Record<string, unknown>;
  const { statusCode } = answer;
  const status = typeof statusCode === 'number' || typeof statusCode === 'string' ? Number(statusCode) : Number.NaN;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new MalformedResponseError(`statusCode ${JSON.stringify(statusCode)} is not a number from 200 to 599`);
  }
  const list: string[] = [];
  const headers = objectOf(answer, 'headers');
  for (const name in headers) addHeader(list, name, headers[name]);
  if (payloadFormatVersion === '1.0') addMultiValueHeaders(list, objectOf(answer, 'multiValueHeaders'));
  if (!hasContentType(list) && status !== 204 && status !== 304) {
    list.push('content-type', api === 'rest' ? 'application/json' : 'text/plain; charset=utf-8');
  }
  if (payloadFormatVersion === '1.0') return { statusCode: status, headers: list };
  const cookies = answer.cookies ?? [];
  if (!Array.isArray(cookies)) throw new MalformedResponseError('"cookies" is not a list');
  for (const cookie of cookies) list.push('set-cookie', String(cookie));
  return { statusCode: status, headers: list };
}

/** @throws MalformedResponse for a member that is there and no object */
function objectOf(answer: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = answer[name] ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new MalformedResponseError(`"${name}" is not an object`);
  return value as Record<string, unknown>;
}

function addHeader(list: string[], name: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (typeof value === 'object') throw new MalformedResponseError(`header "${name}" is neither text nor a number`);
  if (!framingHeaders.has(name.toLowerCase())) list.push(name, String(value));
}

/** API Gateway sends a pair of name and value once that stands in `headers` as well. */
function addMultiValueHeaders(list: string[], headers: Record<string, unknown>): void {
  const single = new Set<string>();
  for (let i = 0; i < list.length; i += 2) single.add(`${list[i]?.toLowerCase()}:${list[i + 1]}`);
  for (const name in headers) {
    const values = headers[name] ?? [];
    if (!Array.isArray(values)) throw new MalformedResponseError(`"${name}" in multiValueHeaders is not a list`);
    for (const value of values) {
      if (!single.has(`${name.toLowerCase()}:${value}`)) addHeader(list, name, value);
    }
  }
}

function hasContentType(headers: string[]): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === 12 && name.toLowerCase() === 'content-type') return true;
  }
  return false;
}

/**
 * @param head JSON of an answer in API Gateway's form, without its body
 * @param body the bytes of its body, already decoded from base64
 * @throws MalformedResponse; SyntaxError where the head is not JSON
 */
export function fromProxy(head: Buffer, body: Buffer, format: AnswerFormat): HttpResponse {
  return { ...parseHead(JSON.parse(head.toString()), format), body };
}

/**
 * @param payload JSON of an answer in any form
 * @throws MalformedResponse for a body that is not text, which API Gateway does not take either; SyntaxError where the
 *   payload is not JSON
 */
export function fromPayload(payload: Buffer, format: AnswerFormat): HttpResponse {
  const value: unknown = JSON.parse(payload.toString());
  if (format.payloadFormatVersion === '1.0' && !Object.hasOwn(Object(value), 'statusCode')) {
    throw new MalformedResponseError('the answer has no statusCode, which payload format 1.0 requires');
  }
  if (typeof value === 'object' && value !== null && 'statusCode' in value) {
    const { body, isBase64Encoded } = value as { body?: unknown; isBase64Encoded?: unknown };
    const text = body ?? '';
    if (typeof text !== 'string') throw new MalformedResponseError('"body" is not text');
    return { ...parseHead(value, format), body: Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8') };
  }
  const isText = typeof value === 'string';
  return {
    statusCode: 200,
    headers: ['content-type', 'application/json'],
    body: isText ? Buffer.from(value) : payload,
  };
}
