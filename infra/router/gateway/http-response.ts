/**
 * A function's answer as an HTTP response, by the rules of payload format 2.0: without a statusCode the whole answer is
 * the JSON body of a 200. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { validateHeaderName, validateHeaderValue } from 'node:http';

export interface HttpResponse {
  statusCode: number;
  /** Names and values in turn; a name may come more than once. */
  headers: string[];
  body: Buffer;
}

/** An answer that is none in format 2.0; the gateway answers 500, as API Gateway does. */
export class MalformedResponseError extends Error {
  override name = 'MalformedResponse';
}

/** Ours to say: how long the message is, and how it is cut and connected. */
const hopByHop = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
]);

/**
 * @param head status, headers and cookies, as the function gave them
 * @throws MalformedResponseError
 */
export function parseHead(head: unknown): { statusCode: number; headers: string[] } {
  if (typeof head !== 'object' || head === null) throw new MalformedResponseError('the answer is no object');
  const answer = head as Record<string, unknown>;
  const { statusCode } = answer;
  // Null is absent: typed languages write empty fields so.
  const headers = answer.headers ?? {};
  const cookies = answer.cookies ?? [];
  const status = typeof statusCode === 'number' || typeof statusCode === 'string' ? Number(statusCode) : Number.NaN;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new MalformedResponseError(`statusCode ${JSON.stringify(statusCode)} is none from 200 to 599`);
  }
  if (typeof headers !== 'object' || Array.isArray(headers)) {
    throw new MalformedResponseError('"headers" is no object');
  }
  const list: string[] = [];
  let typed = false;
  for (const name in headers) {
    const value = (headers as Record<string, unknown>)[name];
    if (value === undefined || value === null) continue;
    if (typeof value === 'object') throw new MalformedResponseError(`header "${name}" is neither text nor number`);
    const lower = name.toLowerCase();
    if (hopByHop.has(lower)) continue;
    if (lower === 'content-type') typed = true;
    const text = String(value);
    validate(name, text);
    list.push(name, text);
  }
  if (!typed && status !== 204 && status !== 304) list.push('content-type', 'text/plain; charset=utf-8');
  if (!Array.isArray(cookies)) throw new MalformedResponseError('"cookies" is no list');
  for (const cookie of cookies) {
    validate('set-cookie', String(cookie));
    list.push('set-cookie', String(cookie));
  }
  return { statusCode: status, headers: list };
}

function validate(name: string, value: string): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (error) {
    throw new MalformedResponseError((error as Error).message);
  }
}

/** An answer that came as head and body apart. */
export function fromProxy(head: Buffer, body: Buffer): HttpResponse {
  return { ...parseHead(JSON.parse(head.toString())), body };
}

/**
 * An answer that came as JSON: in full form after all, or to be taken as the body itself.
 * @throws MalformedResponseError for a body that is no text, which API Gateway does not take either
 */
export function fromPayload(payload: Buffer): HttpResponse {
  const value: unknown = JSON.parse(payload.toString());
  if (typeof value === 'object' && value !== null && 'statusCode' in value) {
    const { body, isBase64Encoded } = value as { body?: unknown; isBase64Encoded?: unknown };
    const text = body ?? '';
    if (typeof text !== 'string') throw new MalformedResponseError('"body" is no text');
    return { ...parseHead(value), body: Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8') };
  }
  const isText = typeof value === 'string';
  return {
    statusCode: 200,
    headers: ['content-type', 'application/json'],
    body: isText ? Buffer.from(value) : payload,
  };
}
