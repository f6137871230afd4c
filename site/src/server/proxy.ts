/** Passes the islands' requests on to the API, and nothing else: the API is not reachable from a browser. */
import { Agent, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { request as sendOverTls, Agent as TlsAgent } from 'node:https';
import { pipeline, Transform } from 'node:stream';
import { sendProblem } from './responses.ts';

const prefix = '/api';
const passed = /^\/(?:users|users\/[^/]+|health|openapi\.json)$/;

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
  'idempotent-replayed',
  'location',
  'retry-after',
  'server-timing',
  'x-cache',
  'x-request-id',
];

export interface ProxySettings {
  apiUrl: URL;
  apiTimeout: number;
  bodyLimit: number;
}

export function createProxy({ apiUrl, apiTimeout, bodyLimit }: ProxySettings) {
  const secure = apiUrl.protocol === 'https:';
  const agent = secure ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const base = apiUrl.pathname.replace(/\/$/, '');

  /** Whether the request was one for the API, and is being answered. */
  return function proxy(request: IncomingMessage, response: ServerResponse, address: string, search: string): boolean {
    if (!address.startsWith(`${prefix}/`)) return false;
    const path = address.slice(prefix.length);
    if (!passed.test(path)) {
      sendProblem(response, 404, 'Not found');
      return true;
    }
    if (Number(request.headers['content-length'] ?? 0) > bodyLimit) {
      refuse(request, response, 413, 'Content too large');
      return true;
    }
    const outgoing = (secure ? sendOverTls : send)(apiUrl, {
      agent,
      path: base + path + search,
      method: request.method,
      headers: pick(request, requestHeaders),
      timeout: apiTimeout,
    });
    const fail = (status: number, title: string) => {
      outgoing.destroy();
      if (response.headersSent) response.destroy();
      else refuse(request, response, status, title);
    };
    outgoing.once('timeout', () => fail(504, 'The API takes too long to answer'));
    outgoing.on('error', () => fail(502, 'The API cannot be reached'));
    outgoing.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, { 'cache-control': 'no-store', ...pick(answer, responseHeaders) });
      pipeline(answer, response, () => {});
    });
    response.once('close', () => outgoing.destroy());
    const body = limit(bodyLimit);
    body.once('error', () => fail(413, 'Content too large'));
    request.once('error', () => outgoing.destroy());
    request.pipe(body).pipe(outgoing);
    return true;
  };
}

/** Lets a body through up to a number of bytes, as it comes. */
function limit(most: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > most) done(new Error('The body is too large'));
      else done(null, chunk);
    },
  });
}

/** Answers without having read the body: the connection ends, or the rest of it would be taken for the next request. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, title: string): void {
  if (response.headersSent) return;
  if (!request.complete) response.setHeader('connection', 'close');
  request.unpipe();
  request.resume();
  sendProblem(response, status, title);
}

function pick(message: IncomingMessage, names: string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = message.headers[name];
    if (typeof value === 'string') picked[name] = value;
  }
  return picked;
}
