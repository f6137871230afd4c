/**
 * The control API on LAMBDA_PORT: Lambda's Invoke API and the functions' configuration. AWS's SDKs and command line work with
 * it when their endpoint is its address.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { closeServer } from '../../http/close-server.ts';
import { limitConnections } from '../../http/connection-limit.ts';
import { answerInOrder } from '../../http/in-order.ts';
import type { Config } from '../config.ts';
import { answerClientError, refuse } from '../gateway/client-error.ts';
import { problems } from '../gateway/gateway-problems.ts';
import { hasBody } from '../gateway/request-body.ts';
import { pathOf } from '../gateway/request-target.ts';
import { AllowedHosts } from '../http/allowed-hosts.ts';
import { isCrossOrigin } from '../http/cross-origin.ts';
import { requestFault } from '../http/framing.ts';
import type { Limits } from '../http/limits.ts';
import { serverOptions } from '../http/listen.ts';
import { log } from '../process/log.ts';
import type { FunctionHost } from '../runtime/host.ts';
import { ApiError, accessDenied, invalidContent, serviceFailed } from './api-error.ts';
import { EventQueue } from './event-queue.ts';
import { getFunction, getFunctionConfiguration, listFunctions } from './function-configuration.ts';
import { createInvoke } from './invoke.ts';
import { createInvokeWithResponseStream } from './invoke-stream.ts';
import type { LogTails } from './log-tail.ts';
import { type ControlReply, type ControlRequest, type ControlRoute, findOperation } from './operations.ts';

/** The parts of the router that the control API needs. */
export interface ControlApiOptions {
  config: Config;
  host: FunctionHost;
  limits: Limits;
  /** The open log tails; they get every log line of the functions. */
  tails: LogTails;
}

/** The control API of one router process. */
export interface ControlApi {
  server: Server;
  /** The events that wait for their function. */
  queue: EventQueue;
  /** Takes no more requests, and writes events that wait for a retry to the log. Resolves when nothing is in flight. */
  stop(): Promise<void>;
}

/** @returns the control API, whose server does not listen yet */
export function createControlApi({ config, host, limits, tails }: ControlApiOptions): ControlApi {
  const queue = new EventQueue({
    find: (name) => host.pools.get(name),
    retryDelay: config.eventRetryDelayMs,
    maxAge: config.eventMaxAgeMs,
    maxBytes: config.eventQueueBytes,
    maxPayloadBytes: config.maxPayloadBytes,
  });
  const context = { config, host, limits, tails, queue };
  const functions = '/2015-03-31/functions';
  const routes: ControlRoute[] = [
    ['POST', `${functions}/{name}/invocations`, createInvoke(context)],
    ['POST', '/2021-11-15/functions/{name}/response-streaming-invocations', createInvokeWithResponseStream(context)],
    ['GET', functions, (call) => listFunctions(call, context)],
    ['GET', `${functions}/{name}`, (call) => getFunction(call, context)],
    ['GET', `${functions}/{name}/configuration`, (call) => getFunctionConfiguration(call, context)],
  ];
  const hosts = new AllowedHosts(config.allowedHosts);
  let stopping = false;

  const answer: RequestListener = async (request, response) => {
    const requestId = randomUUID();
    const target = request.url ?? '/';
    const path = pathOf(target);
    // A function's answer is any text. A browser must not take it for a page.
    response.setHeader('x-content-type-options', 'nosniff');
    let reply: ControlReply | undefined;
    try {
      refuseStrangers(request, response, hosts);
      if (stopping) throw serviceFailed('The server is shutting down');
      const { operation, parameters } = findOperation(routes, request.method ?? 'GET', path);
      const query = new URLSearchParams(target.slice(path.length + 1));
      reply = await operation({ request, response, requestId, parameters, query });
    } catch (error) {
      reply = failed(error, requestId);
    }
    if (!reply) return;
    const exchange = { request, response, requestId };
    try {
      send(exchange, reply, stopping);
    } catch (error) {
      // Node.js refuses a header value. An error that nobody catches here would end the router.
      send(exchange, failed(error, requestId), stopping);
    }
    limits.unreadResponses.limit(response, response.writableLength);
  };
  const server = createServer(serverOptions(config), answerInOrder(answer, config.pipelineLimit));
  limitConnections(server, config);
  server.on('connect', (_request, socket) => refuse(socket, problems.methodNotAllowed('CONNECT', ['GET', 'POST'])));
  server.on('clientError', answerClientError);
  return {
    server,
    queue,
    async stop() {
      stopping = true;
      await Promise.all([closeServer(server), queue.stop()]);
    },
  };
}

/** @throws AccessDeniedException or InvalidRequestContentException before anything is run */
function refuseStrangers(request: IncomingMessage, response: ServerResponse, hosts: AllowedHosts): void {
  const { headers } = request;
  const fault = requestFault(request, response);
  if (fault !== undefined) throw invalidContent(fault);
  if (!hosts.allows(headers.host)) throw accessDenied(problems.misdirected(headers.host ?? '').detail, 421);
  if (isCrossOrigin(headers)) throw accessDenied('A page of another origin may not use the Invoke API');
}

function failed(error: unknown, requestId: string): ControlReply {
  if (error instanceof ApiError) return { status: error.status, headers: error.headers, body: error.body };
  const { name, message, stack } = error as Error;
  log.error('The control API failed', { requestId, errorType: name, errorMessage: message, stack });
  return failed(serviceFailed('The service failed'), requestId);
}

function send(
  { request, response, requestId }: Pick<ControlRequest, 'request' | 'response' | 'requestId'>,
  reply: ControlReply,
  last: boolean,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, headers = {}, body = '' } = reply;
  const isObject = typeof body === 'object' && !Buffer.isBuffer(body);
  const bytes = isObject ? JSON.stringify(body) : body;
  response.setHeader('x-amzn-requestid', requestId);
  if (status !== 204) {
    response.setHeader('content-length', Buffer.byteLength(bytes));
    if (bytes.length > 0) response.setHeader('content-type', 'application/json');
  }
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // The rest of a refused body would be read as the next request of this connection.
  if (last || (!request.complete && hasBody(request))) response.setHeader('connection', 'close');
  response.writeHead(status).end(status === 204 ? undefined : bytes);
}
