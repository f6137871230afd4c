/** The HTTP API: turns requests into events, lets functions answer them, and writes the answers out. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { clientKey } from '../../http/client-key.ts';
import { limitConnections } from '../../http/connection-limit.ts';
import { answerInOrder } from '../../http/in-order.ts';
import { type Config, lambdaMaxPayloadBytes } from '../config.ts';
import { AllowedHosts } from '../http/allowed-hosts.ts';
import { requestFault } from '../http/framing.ts';
import type { Limits } from '../http/limits.ts';
import { serverOptions } from '../http/listen.ts';
import { log } from '../process/log.ts';
import type { Api } from '../route-configuration.ts';
import type { FunctionHost } from '../runtime/host.ts';
import { inspectedLimitMs } from '../runtime/inspected.ts';
import type { Invocation, InvocationOutcome } from '../runtime/invocation.ts';
import { type Authorizer, type Decision, refuse as refuseRequest } from './authorizers/authorizer.ts';
import { GatewayRequest } from './authorizers/gateway-request.ts';
import { answerClientError, refuse } from './client-error.ts';
import { Cors } from './cors.ts';
import { createEvent } from './event.ts';
import { eventBytes } from './event-bytes.ts';
import { announceLength, type EventContext, isTextBody, type RequestLine } from './event-parts.ts';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import { BadRequestError, type GatewayProblem, problems } from './gateway-problems.ts';
import { HttpMetrics } from './http-metrics.ts';
import { fromPayload, fromProxy, type HttpResponse } from './http-response.ts';
import { RateLimits } from './rate-limits.ts';
import { hasBody, PayloadTooLargeError, type RequestBody, RequestMemoryFullError, readBody } from './request-body.ts';
import { hostOf, originForm, pathOf } from './request-target.ts';
import { type Match, methods, type Route, type RouteTree } from './route-tree.ts';
import { TrustedProxies } from './trusted-proxies.ts';

/** The parts of the router that the gateway needs. */
export interface GatewayOptions {
  config: Config;
  host: FunctionHost;
  limits: Limits;
  /** Called for every request, so that a reload takes effect. */
  routes: () => RouteTree;
  /** @returns undefined for a route that everybody may call */
  authorizerOf(route: Route): Authorizer | undefined;
  /** Whether the router stops. Connections then close after their response. */
  isStopping: () => boolean;
}

/** @returns the value of a promise; undefined if it takes longer than a limit (ms) */
async function within<Value>(promise: Promise<Value>, limitMs: number): Promise<Value | undefined> {
  const limit = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => limit.resolve(undefined), limitMs);
  return Promise.race([promise, limit.promise]).finally(() => clearTimeout(timer));
}

/** @returns the server of the HTTP API, which does not listen yet */
export function createGateway({ config, host, limits, routes, authorizerOf, isStopping }: GatewayOptions): Server {
  const cors = config.cors && new Cors(config.cors);
  const hosts = new AllowedHosts(config.allowedHosts);
  const proxies = new TrustedProxies(config.trustedProxies);
  const rates = new RateLimits(config.rateLimits, config.processes);
  const server = createServer({
    ...serverOptions(config),
    // The gateway refuses a request without Host itself, with a problem that says so.
    requireHostHeader: false,
  });
  /** How long a request waits for a function (ms). A function URL waits for the function's own time-out. */
  const waitLimits =
    config.inspectors.size > 0
      ? { http: inspectedLimitMs, rest: inspectedLimitMs, url: Number.POSITIVE_INFINITY }
      : {
          http: config.integrationTimeoutMs,
          rest: config.restIntegrationTimeoutMs,
          url: Number.POSITIVE_INFINITY,
        };
  const options: ExchangeOptions = {
    cors,
    unread: limits.unreadResponses,
    metrics: new HttpMetrics(host.metrics.registry),
    isStopping,
  };
  limitConnections(server, config, (address) => proxies.trusts(address));
  const inOrder = (listener: RequestListener) => answerInOrder(listener, config.pipelineLimit);
  server.on(
    'request',
    inOrder((request, response) => accept(request, response, false)),
  );
  server.on(
    'checkContinue',
    inOrder((request, response) => accept(request, response, true)),
  );
  server.on(
    'checkExpectation',
    inOrder((request, response) => {
      new Exchange(request, response, randomUUID(), options).sendProblem(problems.expectationFailed());
    }),
  );
  server.on('connect', (_request, socket) => refuse(socket, problems.methodNotAllowed('CONNECT', [...methods])));
  server.on('clientError', answerClientError);
  return server;

  function accept(request: IncomingMessage, response: ServerResponse, continues: boolean): void {
    const exchange = new Exchange(request, response, randomUUID(), options);
    handle(exchange, continues).catch((error: Error) => {
      if (error instanceof BadRequestError) {
        exchange.sendProblem(problems.badRequest(error.message));
        return;
      }
      const { name: errorType, message: errorMessage, stack } = error;
      log.error('The gateway failed', { ...exchange.logged, errorType, errorMessage, stack });
      response.destroy();
    });
  }

  /** @param continues the client waits for 100 Continue before it sends the body */
  async function handle(exchange: Exchange, continues: boolean): Promise<void> {
    const { request, response, requestId } = exchange;
    const { method = 'GET', headers } = request;
    const fault = requestFault(request, response);
    if (fault !== undefined) throw new BadRequestError(fault);
    const target = originForm(method, request.url ?? '/');
    if (headers.host === undefined && request.httpVersion !== '1.0') {
      throw new BadRequestError('There is no Host header');
    }
    const named = hostOf(request.url ?? '/', headers.host);
    if (!hosts.allows(named)) return exchange.sendProblem(problems.misdirected(named ?? ''));
    const sourceIp = proxies.clientOf(
      request.socket.remoteAddress ?? '',
      headers['x-forwarded-for'] as string | undefined,
    );
    const exceeded = rates.ofClient(sourceIp);
    if (exceeded) {
      limits.rateLimited.client++;
      return exchange.sendProblem(exceeded);
    }
    const asked = headers['access-control-request-method'];
    if (method === 'OPTIONS' && headers.origin && asked) {
      const answering = routes().corsOf(asked, pathOf(target), named ?? '') ?? cors;
      if (answering) return exchange.sendPreflight(answering, headers.origin);
    }
    const match =
      target === '*' ? noContent(['allow', methods.join(', ')]) : findRoute(method, pathOf(target), named ?? '');
    if ('status' in match) return exchange.sendProblem(match);
    if ('statusCode' in match) return exchange.send(match);

    const { route } = match;
    exchange.route = route;
    // A REST API answers preflight requests alone.
    if (route.cors && route.api !== 'rest') exchange.cors = route.cors;
    const busy = rates.ofRoute(route);
    if (busy) {
      limits.rateLimited.route++;
      return exchange.sendProblem(busy);
    }

    const pool = host.pools.get(route.functionName);
    if (!pool) throw new Error(`The route ${route.routeKey} names ${route.functionName}, which has no pool`);
    const invocation: Invocation = { requestId, client: clientKey(sourceIp) };
    const line: RequestLine = {
      method,
      target,
      httpVersion: request.httpVersion,
      rawHeaders: request.rawHeaders,
      sourceIp,
    };
    const context: EventContext = {
      requestId,
      time: Date.now(),
      accountId: config.accountId,
      apiId: 'cadastro',
      traceparent: exchange.madeTraceparent,
      stageVariables: config.stageVariables,
    };
    // The body waits in the socket until the authorizer has allowed the request.
    const authorizer = authorizerOf(route);
    const begun = authorizer && performance.now();
    const deciding = authorizer && decide(authorizer, line, match, context);
    const decision = deciding instanceof Promise ? await deciding : deciding;
    if (decision?.isAllowed === false) return exchange.sendProblem(decision.problem);
    // Nobody reports the end of a request whose client left meanwhile.
    if (response.destroyed) return;
    const limitMs = waitLimits[route.api];
    const leftMs = limitMs - (begun === undefined ? 0 : performance.now() - begun);

    invocation.event = createEvent(line, match, context);
    if (decision) (invocation.event.requestContext as { authorizer: unknown }).authorizer = decision.context;
    const trace = headers['x-amzn-trace-id'];
    if (typeof trace === 'string') invocation.traceId = trace;
    let body: RequestBody | undefined;
    if (hasBody(request)) {
      try {
        const proceed = continues ? () => response.writeContinue() : undefined;
        body = await readBody(request, config.maxPayloadBytes, limits.requestMemory, invocation.client, proceed);
        addBody(invocation, request, body.bytes, route.api);
      } catch (error) {
        // With any other error the client is gone, or `clientError` has answered it.
        if (error instanceof PayloadTooLargeError) {
          exchange.sendProblem(problems.payloadTooLarge(config.maxPayloadBytes));
        } else if (error instanceof RequestMemoryFullError) {
          exchange.sendShed('memory', problems.requestMemoryFull());
        }
        return;
      }
      if (eventBytes(invocation) > lambdaMaxPayloadBytes) {
        body.release();
        return exchange.sendProblem(problems.eventTooLarge(lambdaMaxPayloadBytes));
      }
    }
    const answered = pool.invoke(invocation);
    const isSlow = pool.configuration.timeout * 1000 > leftMs;
    const outcome = isSlow ? await within(answered, leftMs) : await answered;
    if (outcome === undefined) {
      exchange.sendProblem(problems.integrationTimeout(limitMs, route.api));
      // As on Lambda the function runs on to its own time-out.
      const late = await answered;
      if (late.type === 'stream') late.stream.destroy();
      body?.release();
      return;
    }
    body?.release();
    await sendOutcome(exchange, outcome, pool.configuration.timeout, sourceIp);
  }

  /** Asks an authorizer. The time that it takes is part of the time that the request may wait. */
  function decide(
    authorizer: Authorizer,
    line: RequestLine,
    match: Match,
    context: EventContext,
  ): Decision | Promise<Decision> {
    const decision = authorizer.authorize(new GatewayRequest(line, match, context));
    if (!(decision instanceof Promise)) return decision;
    const { api } = match.route;
    const limitMs = waitLimits[api];
    return within(decision, limitMs).then(
      (decided) => decided ?? refuseRequest(problems.integrationTimeout(limitMs, api)),
    );
  }

  function findRoute(method: string, path: string, hostName: string): Match | GatewayProblem | HttpResponse {
    const table = routes();
    const match =
      table.findUrl(hostName) ?? table.find(method, path) ?? (method === 'HEAD' ? table.find('GET', path) : undefined);
    if (match) return match;
    const allow = table.allowed(path);
    if (allow.length > 0 && method === 'OPTIONS') return noContent(['allow', allow.join(', ')]);
    if (table.isOfRest(path)) return problems.notInRestApi(method, path);
    return allow.length === 0 ? problems.notFound(path) : problems.methodNotAllowed(method, allow);
  }

  async function sendOutcome(
    exchange: Exchange,
    outcome: InvocationOutcome,
    timeout: number,
    client: string,
  ): Promise<void> {
    switch (outcome.type) {
      case 'proxy':
      case 'payload':
        return sendWhole(exchange, outcome);
      case 'stream':
        return sendStream(exchange, outcome, client);
      case 'error':
        return exchange.sendProblem(problems.functionError(exchange.format.api));
      case 'throttled':
        if (outcome.overloaded) return exchange.sendShed('overloaded', problems.overloaded());
        return exchange.sendShed('concurrency', problems.tooManyRequests());
      case 'failure':
        log.error('Invocation failed', { ...exchange.logged, reason: outcome.reason, ...outcome.error });
        if (outcome.reason === 'timeout') return exchange.sendProblem(problems.timeout(timeout));
        if (outcome.reason === 'size') return exchange.sendProblem(problems.responseTooLarge());
        if (outcome.reason === 'exit') return exchange.sendProblem(problems.functionEnded());
        return exchange.sendProblem(problems.functionNotStarted(config.showsInitErrors ? outcome.error : undefined));
    }
  }

  async function sendStream(
    exchange: Exchange,
    outcome: InvocationOutcome & { type: 'stream' },
    client: string,
  ): Promise<void> {
    const { stream } = outcome;
    const end = limits.streams.begin(client);
    if (typeof end === 'string') {
      stream.destroy();
      return exchange.sendShed('streams', end === 'client' ? problems.clientHasStreams() : problems.tooManyStreams());
    }
    if (stream.closed) end();
    else stream.once('close', end);
    await exchange.sendStream(outcome);
  }

  function sendWhole(exchange: Exchange, outcome: InvocationOutcome & { type: 'proxy' | 'payload' }): void {
    try {
      const { format } = exchange;
      const response =
        outcome.type === 'proxy' ? fromProxy(outcome.head, outcome.body, format) : fromPayload(outcome.payload, format);
      if (response.body.length > config.maxPayloadBytes) exchange.sendProblem(problems.responseTooLarge());
      else exchange.send(response);
    } catch (error) {
      exchange.sendMalformed(error);
    }
  }
}

function noContent(headers: string[]): HttpResponse {
  return { statusCode: 204, headers, body: Buffer.alloc(0) };
}

/** An empty body leaves the event without a body. */
function addBody(invocation: Invocation, { headers }: IncomingMessage, body: Buffer, api: Api): void {
  // API Gateway reads a chunked body as a whole, too, and gives the function its length instead.
  if (headers['transfer-encoding'] !== undefined && invocation.event) announceLength(invocation.event, body.length);
  if (body.length === 0) return;
  invocation.body = body;
  invocation.isBase64Encoded = !isTextBody(api, headers['content-type'], headers['content-encoding'], body);
  if (invocation.isBase64Encoded && invocation.event) invocation.event.isBase64Encoded = true;
}
