/** Security headers and the short answers that are not pages. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Refusal } from './request-checks.ts';

/** Astro replaces this Content-Security-Policy on pages with one that allows their own scripts and styles. */
const securityHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // With a stricter policy, browsers send `Origin: null` with forms, and the origin check refuses them.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** Sets the headers that every answer carries. */
export function setSecurityHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
}

/** Answers with a line of text, for errors that have no page. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', `${text}\n`);
}

/** Answers a request that the site does not serve. */
export function refuse(request: IncomingMessage, response: ServerResponse, { status, text, headers }: Refusal): void {
  discardBody(request, response);
  // After a request that can be read in two ways, nobody knows where the next one begins.
  if (status === 400) response.setHeader('connection', 'close');
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  if (status === 204) response.writeHead(status).end();
  else sendText(response, status, text);
}

/** Closes the connection after the answer if the body is not read, or the rest would be taken for the next request. */
export function discardBody(request: IncomingMessage, response: ServerResponse): void {
  const { headers } = request;
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return;
  response.setHeader('connection', 'close');
  request.unpipe();
  request.resume();
}

/** Asks a client that waits with its body (`Expect: 100-continue`) for the body, once nothing speaks against it. */
export function sendContinue(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.expect !== undefined && request.httpVersion === '1.1') response.writeContinue();
}

/** Gives a response the standard reason phrase of its status. Astro would write `OK` after each status. */
export function setStandardReason(response: ServerResponse): void {
  Object.defineProperty(response, 'statusMessage', { get: () => STATUS_CODES[response.statusCode], set() {} });
}

/**
 * Answers with problem details, as the API does.
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export function sendProblem(response: ServerResponse, status: number, title: string): void {
  send(response, status, 'application/problem+json', JSON.stringify({ type: 'about:blank', title, status }));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}
