/**
 * Turns a function's answer into an HTTP response by the rules of payload format 2.0: without a statusCode the whole
 * answer is the JSON body of a 200.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */

/** A response that is ready to be written. */
export interface HttpResponse {
  statusCode: number;
  /** Header names and values in turn; a name may come more than once. Node.js checks their characters when it writes them. */
  headers: string[];
  body: Buffer;
}

/** A function's answer has none of the forms of format 2.0. The gateway answers 500, as API Gateway does. */
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

/**
 * Reads status, headers and cookies of an answer. Null counts as absent: typed languages write empty fields as null.
 * @param head the answer as the function gave it, with or without its body
 * @throws MalformedResponse
 */
export function parseHead(head: unknown): Omit<HttpResponse, 'body'> {
  if (typeof head !== 'object' || head === null) throw new MalformedResponseError('the answer is not an object');
  const answer = head as Record<string, unknown>;
  const { statusCode } = answer;
  const headers = answer.headers ?? {};
  const cookies = answer.cookies ?? [];
  const status = typeof statusCode === 'number' || typeof statusCode === 'string' ? Number(statusCode) : Number.NaN;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new MalformedResponseError(`statusCode ${JSON.stringify(statusCode)} is not a number from 200 to 599`);
  }
  if (typeof headers !== 'object' || Array.isArray(headers)) {
    throw new MalformedResponseError('"headers" is not an object');
  }
  const list: string[] = [];
  let hasContentType = false;
  for (const name in headers) {
    const value = (headers as Record<string, unknown>)[name];
    if (value === undefined || value === null) continue;
    if (typeof value === 'object') throw new MalformedResponseError(`header "${name}" is neither text nor a number`);
    const lower = name.toLowerCase();
    if (framingHeaders.has(lower)) continue;
    if (lower === 'content-type') hasContentType = true;
    list.push(name, String(value));
  }
  if (!hasContentType && status !== 204 && status !== 304) list.push('content-type', 'text/plain; charset=utf-8');
  if (!Array.isArray(cookies)) throw new MalformedResponseError('"cookies" is not a list');
  for (const cookie of cookies) list.push('set-cookie', String(cookie));
  return { statusCode: status, headers: list };
}

/**
 * @param head JSON of an answer in API Gateway's form, without its body
 * @param body the bytes of its body, already decoded from base64
 * @throws MalformedResponse; SyntaxError where the head is not JSON
 */
export function fromProxy(head: Buffer, body: Buffer): HttpResponse {
  return { ...parseHead(JSON.parse(head.toString())), body };
}

/**
 * @param payload JSON of an answer in any form
 * @throws MalformedResponse for a body that is not text, which API Gateway does not take either; SyntaxError where the
 *   payload is not JSON
 */
export function fromPayload(payload: Buffer): HttpResponse {
  const value: unknown = JSON.parse(payload.toString());
  if (typeof value === 'object' && value !== null && 'statusCode' in value) {
    const { body, isBase64Encoded } = value as { body?: unknown; isBase64Encoded?: unknown };
    const text = body ?? '';
    if (typeof text !== 'string') throw new MalformedResponseError('"body" is not text');
    return { ...parseHead(value), body: Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8') };
  }
  const isText = typeof value === 'string';
  return {
    statusCode: 200,
    headers: ['content-type', 'application/json'],
    body: isText ? Buffer.from(value) : payload,
  };
}
