/** Passes the islands' requests under /api to the API, and no others: a browser cannot reach the API itself. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import { errors, Pool } from 'undici';
import { sessionHeader } from './client-address.ts';
import { discardBody, sendContinue, sendProblem } from './responses.ts';

const prefix = '/api';
/** An id is one plain path segment: a proxy behind us may read `%2f`, `..` or `\\` as a way to another path. */
const allowedPath = /^\/(?:users|users\/[\w-]+|users\/bin\/restore|health|openapi\.json)$/;
/** Only these methods have a body that means something to the API. */
const methodsWithBody = new Set(['POST', 'PUT', 'PATCH']);

const requestHeaders = [
  'accept',
  // The API refuses bodies with a coding.
  'content-encoding',
  'content-type',
  'content-length',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'traceparent',
  'tracestate',
  'x-forwarded-for',
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
    const fault = forwardingFault(request);
    if (fault !== undefined) {
      refuse(request, response, 400, fault);
      return true;
    }
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) {
      refuse(request, response, 413, 'Content too large');
      return true;
    }
    if (hasBody(request)) sendContinue(request, response);
    const readerLeft = new AbortController();
    response.once('close', () => readerLeft.abort());
    try {
      await pool.stream(
        {
          path: base + path + search,
          method: request.method ?? 'GET',
          headers: forwardedHeaders(request.headers),
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

/**
 * Finds out why a request cannot be passed on as it is meant. A body that its method does not define is refused, because
 * a program behind us may take it for the next request. A header that we pass on must not be one for this connection only.
 * @returns undefined if the request can be passed on
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#section-7.6.1 Connection
 */
export function forwardingFault({
  method = 'GET',
  headers,
}: Pick<IncomingMessage, 'method' | 'headers'>): string | undefined {
  if (!methodsWithBody.has(method) && hasBody({ headers })) return `A ${method} request has no body`;
  const listed = headers.connection?.toLowerCase().split(',') ?? [];
  const wrong = listed.map((name) => name.trim()).find((name) => requestHeaders.includes(name));
  return wrong === undefined ? undefined : `The Connection header must not name ${wrong}`;
}

/**
 * The credential is that of the visitor's session. One that a client sends does not reach the API.
 * @returns the headers of the request to the API. undici frames its body by them: by Content-Length, or else in chunks.
 */
export function forwardedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const session = headers[sessionHeader];
  return { ...pick(headers, requestHeaders), ...(session && { authorization: `Bearer ${session}` }) };
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

function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function problemOf(error: unknown): [status: number, title: string] {
  if (error instanceof BodyTooLargeError) return [413, 'Content too large'];
  const late = [errors.ConnectTimeoutError, errors.HeadersTimeoutError, errors.BodyTimeoutError];
  if (late.some((kind) => error instanceof kind)) return [504, 'The API takes too long to answer'];
  return [502, 'The API cannot be reached'];
}

/** Answers before the body is read. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, title: string): void {
  discardBody(request, response);
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
