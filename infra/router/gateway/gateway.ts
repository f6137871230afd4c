/** The HTTP API: takes requests, has functions answer them, and writes the answers out. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Config } from '../config.ts';
import { log } from '../process/log.ts';
import type { FunctionHost } from '../runtime/host.ts';
import type { Invocation, Outcome } from '../runtime/invocation.ts';
import { answerClientError, refuse } from './client-error.ts';
import { Cors } from './cors.ts';
import { createEvent, isTextBody, pathOf } from './event.ts';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import { BadRequestError, problems } from './gateway-problems.ts';
import { fromPayload, fromProxy, type HttpResponse } from './http-response.ts';
import { hasBody, PayloadTooLargeError, readBody } from './request-body.ts';
import { originForm } from './request-target.ts';
import { type Match, methods, type RouteTree } from './route-tree.ts';

export interface GatewayOptions {
  config: Config;
  host: FunctionHost;
  /** Read at every request, so that a reload takes effect. */
  routes: () => RouteTree;
}

export function createGateway({ config, host, routes }: GatewayOptions): Server {
  const cors = config.cors && new Cors(config.cors);
  const server = createServer({
    maxHeaderSize: config.maxHeaderBytes,
    headersTimeout: config.headersTimeout,
    requestTimeout: config.requestTimeout,
    keepAliveTimeout: config.keepAliveTimeout,
    connectionsCheckingInterval: Math.min(1000, config.headersTimeout),
    // Refused by us, with a body that says so.
    requireHostHeader: false,
  });
  const options: ExchangeOptions = {
    cors,
    readTimeout: config.requestTimeout,
    keepsConnections: () => server.listening,
  };
  server.on('request', (request, response) => take(request, response, false));
  server.on('checkContinue', (request, response) => take(request, response, true));
  server.on('checkExpectation', (request, response) => {
    new Exchange(request, response, randomUUID(), options).sendProblem(problems.expectationFailed());
  });
  server.on('connect', (_request, socket) => refuse(socket, problems.methodNotAllowed('CONNECT', [...methods])));
  server.on('clientError', answerClientError);
  return server;

  function take(request: IncomingMessage, response: ServerResponse, continues: boolean): void {
    const exchange = new Exchange(request, response, randomUUID(), options);
    handle(exchange, continues).catch((error: Error) => {
      if (error instanceof BadRequestError) {
        exchange.sendProblem(problems.badRequest(error.message));
        return;
      }
      log.error('The gateway failed', { errorType: error.name, errorMessage: error.message, stack: error.stack });
      response.destroy();
    });
  }

  /** @param continues the client waits for a word from us before it sends the body */
  async function handle(exchange: Exchange, continues: boolean): Promise<void> {
    const { request, response, requestId } = exchange;
    const { method = 'GET', headers } = request;
    const target = originForm(method, request.url ?? '/');
    if (headers.host === undefined && request.httpVersion !== '1.0') {
      throw new BadRequestError('There is no Host header');
    }
    if (cors && method === 'OPTIONS' && headers.origin && headers['access-control-request-method']) {
      return exchange.sendPreflight(cors, headers.origin);
    }
    const match = target === '*' ? noContent(['allow', methods.join(', ')]) : findRoute(method, pathOf(target));
    if ('status' in match) return exchange.sendProblem(match);
    if ('statusCode' in match) return exchange.send(match);

    const invocation: Invocation = { requestId };
    invocation.event = createEvent(
      {
        method,
        target,
        httpVersion: request.httpVersion,
        rawHeaders: request.rawHeaders,
        sourceIp: request.socket.remoteAddress ?? '',
      },
      match,
      {
        requestId,
        time: Date.now(),
        accountId: config.accountId,
        apiId: 'cadastro',
        stageVariables: config.stageVariables,
      },
    );
    const trace = headers['x-amzn-trace-id'];
    if (typeof trace === 'string') invocation.traceId = trace;
    if (hasBody(request)) {
      try {
        const proceed = continues ? () => response.writeContinue() : undefined;
        addBody(invocation, request, await readBody(request, config.maxPayloadBytes, proceed));
      } catch (error) {
        // Any other: the client is gone, or has been told that this was no HTTP.
        if (error instanceof PayloadTooLargeError) {
          exchange.sendProblem(problems.payloadTooLarge(config.maxPayloadBytes));
        }
        return;
      }
    }
    const pool = host.pools.get(match.route.functionName);
    if (!pool) throw new Error(`no function ${match.route.functionName}`);
    await answer(exchange, await pool.invoke(invocation), pool.configuration.timeout);
  }

  function findRoute(method: string, path: string): Match | ReturnType<typeof problems.notFound> | HttpResponse {
    const table = routes();
    const match = table.find(method, path) ?? (method === 'HEAD' ? table.find('GET', path) : undefined);
    if (match) return match;
    const allow = table.allowed(path);
    if (allow.length === 0) return problems.notFound(path);
    return method === 'OPTIONS' ? noContent(['allow', allow.join(', ')]) : problems.methodNotAllowed(method, allow);
  }

  async function answer(exchange: Exchange, outcome: Outcome, timeout: number): Promise<void> {
    switch (outcome.type) {
      case 'proxy':
      case 'payload':
        return sendAnswer(exchange, outcome);
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

  function sendAnswer(exchange: Exchange, outcome: Outcome & { type: 'proxy' | 'payload' }): void {
    try {
      const answer = outcome.type === 'proxy' ? fromProxy(outcome.head, outcome.body) : fromPayload(outcome.payload);
      if (answer.body.length > config.maxPayloadBytes) exchange.sendProblem(problems.responseTooLarge());
      else exchange.send(answer);
    } catch (error) {
      exchange.malformed(error);
    }
  }
}

function noContent(headers: string[]): HttpResponse {
  return { statusCode: 204, headers, body: Buffer.alloc(0) };
}

/** An empty body is none. */
function addBody(invocation: Invocation, { headers }: IncomingMessage, body: Buffer): void {
  if (body.length === 0) return;
  invocation.body = body;
  invocation.isBase64Encoded = !isTextBody(headers['content-type'], headers['content-encoding'], body);
  if (invocation.isBase64Encoded && invocation.event) invocation.event.isBase64Encoded = true;
}
