/** The HTTP API: takes requests, has functions answer them, and writes the answers out. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { Config } from '../config.ts';
import { log } from '../log.ts';
import type { FunctionHost } from '../runtime/host.ts';
import type { Invocation, Outcome } from '../runtime/invocation.ts';
import { hasBody, PayloadTooLargeError, readBody } from './body.ts';
import { createEvent, isTextBody, pathOf } from './event.ts';
import { preludeType, readPrelude } from './prelude.ts';
import { type Problem, problemBody, problems } from './problem.ts';
import { type Answer, fromPayload, fromProxy, readHead } from './response.ts';
import type { Match, Routes } from './routes.ts';

export interface GatewayOptions {
  config: Config;
  host: FunctionHost;
  /** Read at every request, so that a reload takes effect. */
  routes: () => Routes;
}

export function createGateway({ config, host, routes }: GatewayOptions): Server {
  const server = createServer(
    {
      maxHeaderSize: config.maxHeaderBytes,
      headersTimeout: config.headersTimeout,
      requestTimeout: config.requestTimeout,
      keepAliveTimeout: config.keepAliveTimeout,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => {
      handle(request, response).catch((error: Error) => {
        log.error('The gateway failed', { errorType: error.name, errorMessage: error.message, stack: error.stack });
        response.destroy();
      });
    },
  );
  server.on('clientError', answerClientError);
  return server;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const exchange = new Exchange(request, response, requestId);
    const target = request.url ?? '/';
    const method = request.method ?? 'GET';
    const path = pathOf(target);
    const match = findRoute(method, path);
    if ('status' in match) return exchange.sendProblem(match);

    const invocation: Invocation = { requestId };
    if (hasBody(request)) {
      try {
        const body = await readBody(request, config.maxPayloadBytes);
        invocation.body = body;
        const { 'content-type': type, 'content-encoding': encoding } = request.headers;
        invocation.isBase64Encoded = !isTextBody(type, encoding, body);
      } catch (error) {
        if (error instanceof PayloadTooLargeError) {
          exchange.sendProblem(problems.payloadTooLarge(config.maxPayloadBytes));
        }
        return;
      }
    }
    invocation.event = createEvent(
      {
        method,
        target,
        httpVersion: request.httpVersion,
        rawHeaders: request.rawHeaders,
        sourceIp: request.socket.remoteAddress ?? '',
      },
      match,
      { requestId, time: Date.now(), accountId: config.accountId, apiId: 'cadastro' },
    );
    if (invocation.isBase64Encoded) invocation.event.isBase64Encoded = true;
    const pool = host.pools.get(match.route.functionName);
    if (!pool) throw new Error(`no function ${match.route.functionName}`);
    await answer(exchange, await pool.invoke(invocation), pool.configuration.timeout);
  }

  function findRoute(method: string, path: string): Match | Problem {
    const table = routes();
    const match = table.find(method, path) ?? (method === 'HEAD' ? table.find('GET', path) : undefined);
    if (match) return match;
    const allow = table.allowed(path);
    return allow.length > 0 ? problems.methodNotAllowed(method, allow) : problems.notFound(path);
  }

  async function answer(exchange: Exchange, outcome: Outcome, timeout: number): Promise<void> {
    switch (outcome.type) {
      case 'proxy':
        return sendAnswer(exchange, () => fromProxy(outcome.head, outcome.body));
      case 'payload':
        return sendAnswer(exchange, () => fromPayload(outcome.payload));
      case 'stream':
        return exchange.sendStream(outcome);
      case 'error':
        return exchange.sendProblem(problems.functionError());
      case 'throttled':
        return exchange.sendProblem(problems.tooManyRequests());
      case 'failure':
        log.error('Invocation failed', { requestId: exchange.requestId, reason: outcome.reason, ...outcome.error });
        if (outcome.reason === 'timeout') return exchange.sendProblem(problems.timeout(timeout));
        if (outcome.reason === 'size') return exchange.sendProblem(problems.responseTooLarge());
        return exchange.sendProblem(
          outcome.reason === 'exit' ? problems.functionEnded() : problems.functionNotStarted(),
        );
    }
  }

  function sendAnswer(exchange: Exchange, read: () => Answer): void {
    try {
      const answer = read();
      if (answer.body.length > config.maxPayloadBytes) exchange.sendProblem(problems.responseTooLarge());
      else exchange.send(answer);
    } catch (error) {
      exchange.malformed(error);
    }
  }
}

/** One request and its response. */
class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;

  constructor(request: IncomingMessage, response: ServerResponse, requestId: string) {
    this.request = request;
    this.response = response;
    this.requestId = requestId;
  }

  send({ statusCode, headers, body }: Answer): void {
    const bodiless = statusCode === 204 || statusCode === 304;
    headers.push('x-request-id', this.requestId);
    if (!bodiless) headers.push('content-length', String(body.length));
    // What the client still sends of a body that we refused would be taken for its next request.
    if (!this.request.complete && hasBody(this.request)) headers.push('connection', 'close');
    this.response.writeHead(statusCode, headers);
    if (bodiless || this.request.method === 'HEAD') this.response.end();
    else this.response.end(body);
  }

  sendProblem(problem: Problem): void {
    this.send({
      statusCode: problem.status,
      headers: ['content-type', 'application/problem+json', ...(problem.headers ?? [])],
      body: Buffer.from(problemBody(problem, this.requestId)),
    });
  }

  async sendStream({ contentType, stream }: Outcome & { type: 'stream' }): Promise<void> {
    try {
      const head =
        contentType === preludeType
          ? { statusCode: 200, ...((await readPrelude(stream)) as object) }
          : { statusCode: 200, headers: { 'content-type': contentType } };
      const { statusCode, headers } = readHead(head);
      this.response.writeHead(statusCode, [...headers, 'x-request-id', this.requestId]);
    } catch (error) {
      stream.destroy();
      this.malformed(error);
      return;
    }
    this.response.flushHeaders();
    // A stream that breaks leaves the response without its end, so that the client knows.
    pipeline(stream, this.response, () => {});
  }

  /** The function's answer is at fault, or its headers can't be written. */
  malformed(error: unknown): void {
    const { name, message } = error as Error;
    log.error('The answer is malformed', { requestId: this.requestId, errorType: name, errorMessage: message });
    if (this.response.headersSent) this.response.destroy();
    else this.sendProblem(problems.malformedResponse());
  }
}

const clientErrors: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers what is no HTTP, too large or too slow, and closes the connection. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = clientErrors[error.code ?? ''] ?? 400;
  const detail =
    status === 431
      ? 'The request line and headers are too large'
      : status === 408
        ? 'The request took too long to arrive'
        : 'This is no well-formed HTTP request';
  const body = problemBody({ status, detail });
  const title = JSON.parse(body).title;
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nconnection: close\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
