/** Passes the islands' requests under /api to the API, and no others: a browser cannot reach the API itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import { errors, Pool } from 'undici';
import { sendProblem } from './responses.ts';

const prefix = '/api';
const allowedPath = /^\/(?:users|users\/[^/]+|health|openapi\.json)$/;

const requestHeaders = [
  'accept',
  'content-type',
  'content-length',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'x-request-id',
];
const responseHeaders = [
  'allow',
  'content-type',
  'content-length',
  'content-encoding',
  'etag',
  'idempotency-replayed',
  'location',
  'retry-after',
  'server-timing',
  'x-cache',
  'x-request-id',
];

/** The part of the settings that the proxy needs. */
export interface ProxySettings {
  apiUrl: URL;
  apiTimeoutMs: number;
  maxBodyBytes: number;
}

/** The body of a request exceeds the limit. */
class BodyTooLargeError extends Error {
  override name = 'BodyTooLargeError';
}

/**
 * @returns a function that answers requests under /api, and resolves to false for all others. It resolves to true when
 *   the answer is complete or the reader is gone.
 */
export function createProxy({ apiUrl, apiTimeoutMs, maxBodyBytes }: ProxySettings) {
  const pool = new Pool(apiUrl.origin, {
    connect: { timeout: apiTimeoutMs },
    headersTimeout: apiTimeoutMs,
    bodyTimeout: apiTimeoutMs,
  });
  const base = apiUrl.pathname.replace(/\/$/, '');

  return async function proxy(
    request: IncomingMessage,
    response: ServerResponse,
    address: string,
    search: string,
  ): Promise<boolean> {
    if (!address.startsWith(`${prefix}/`)) return false;
    const path = address.slice(prefix.length);
    if (!allowedPath.test(path)) {
      sendProblem(response, 404, 'Not found');
      return true;
    }
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) {
      refuse(request, response, 413, 'Content too large');
      return true;
    }
    const readerLeft = new AbortController();
    response.once('close', () => readerLeft.abort());
    try {
      await pool.stream(
        {
          path: base + path + search,
          method: request.method ?? 'GET',
          headers: pick(request.headers, requestHeaders),
          body: hasBody(request) ? limitBody(request, maxBodyBytes) : null,
          signal: readerLeft.signal,
        },
        ({ statusCode, headers }) =>
          response.writeHead(statusCode, { 'cache-control': 'no-store', ...pick(headers, responseHeaders) }),
      );
    } catch (error) {
      if (response.headersSent) response.destroy();
      else refuse(request, response, ...problemOf(error));
    }
    return true;
  };
}

/** Lets at most `maxBytes` through; more than that fails the request with BodyTooLargeError. */
function limitBody(request: IncomingMessage, maxBytes: number): Transform {
  let bytes = 0;
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(new BodyTooLargeError());
      else done(null, chunk);
    },
  });
  request.once('error', (error) => body.destroy(error));
  return request.pipe(body);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function problemOf(error: unknown): [status: number, title: string] {
  if (error instanceof BodyTooLargeError) return [413, 'Content too large'];
  const late = [errors.ConnectTimeoutError, errors.HeadersTimeoutError, errors.BodyTimeoutError];
  if (late.some((kind) => error instanceof kind)) return [504, 'The API takes too long to answer'];
  return [502, 'The API cannot be reached'];
}

/** Answers before the body is read. The connection ends after it, or the rest would be taken for the next request. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, title: string): void {
  if (!request.complete) response.setHeader('connection', 'close');
  request.unpipe();
  request.resume();
  sendProblem(response, status, title);
}

function pick(headers: NodeJS.Dict<string | string[]>, names: string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (typeof value === 'string') picked[name] = value;
  }
  return picked;
}
