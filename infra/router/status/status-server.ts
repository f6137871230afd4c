/**
 * The status server on STATUS_PORT: /status, /metrics, and the probes /livez and /readyz. It only reads, so a container or a
 * monitor may reach it that must not run functions.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { limitConnections } from '../../http/connection-limit.ts';
import { answerInOrder } from '../../http/in-order.ts';
import type { Config } from '../config.ts';
import type { EventQueue } from '../control/event-queue.ts';
import { answerClientError, refuse } from '../gateway/client-error.ts';
import { type GatewayProblem, problemBody, problems } from '../gateway/gateway-problems.ts';
import { hasBody } from '../gateway/request-body.ts';
import { pathOf } from '../gateway/request-target.ts';
import { AllowedHosts } from '../http/allowed-hosts.ts';
import { isCrossOrigin } from '../http/cross-origin.ts';
import { requestFault } from '../http/framing.ts';
import type { Limits } from '../http/limits.ts';
import { serverOptions } from '../http/listen.ts';
import { log } from '../process/log.ts';
import type { FunctionHost } from '../runtime/host.ts';
import { formatMetrics, registerRouterMetrics } from './metrics.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { type RouterSnapshot, takeSnapshot } from './snapshot.ts';
import { statusOf } from './status.ts';

/** Where a router process is in its life. */
export type Phase = 'starting' | 'ready' | 'stopping';

/** The parts of the router that the status server needs. */
export interface StatusServerOptions {
  config: Config;
  host: FunctionHost;
  limits: Limits;
  queue: EventQueue;
  /** Called for each request to /readyz. */
  phase: () => Phase;
  /** Collects the snapshot of all router processes, where there are several; gives undefined when it can't. */
  clusterSnapshot?: (() => Promise<RouterSnapshot | undefined>) | undefined;
}

/** The status server of one router process. */
export interface StatusServer {
  server: Server;
  /** Takes the snapshot of this process alone. */
  snapshot(): Promise<RouterSnapshot>;
}

interface Page {
  status: number;
  contentType: string;
  body: string;
  /** Further header names and values in turn. */
  headers?: string[] | undefined;
}

/** @returns the status server, which does not listen yet */
export function createStatusServer({
  config,
  host,
  limits,
  queue,
  phase,
  clusterSnapshot,
}: StatusServerOptions): StatusServer {
  registerRouterMetrics(host.metrics.registry, host, queue, limits);
  const hosts = new AllowedHosts(config.allowedHosts);
  const snapshot = () => takeSnapshot(host, host.metrics.registry);
  const snapshotOfAll = async () => (await clusterSnapshot?.()) ?? snapshot();
  const pages: Record<string, () => Page | Promise<Page>> = {
    '/livez': () => json(200, { status: 'ok' }),
    '/readyz': () => (phase() === 'ready' ? json(200, { status: 'ok' }) : json(503, { status: phase() })),
    '/status': oneAtATime(async () => json(200, statusOf(await snapshotOfAll(), config))),
    '/metrics': oneAtATime(async () => ({ status: 200, ...(await formatMetrics(await snapshotOfAll())) })),
  };
  const handle: RequestListener = async (request, response) => {
    try {
      send(request, response, await answer(request, response));
      limits.unreadResponses.limit(response, response.writableLength);
    } catch (error) {
      const { name, message, stack } = error as Error;
      log.error('The status server failed', { errorType: name, errorMessage: message, stack });
      response.destroy();
    }
  };
  const server = createServer(serverOptions(config), answerInOrder(handle, config.pipelineLimit));
  limitConnections(server, config);
  server.on('connect', (_request, socket) => refuse(socket, problems.methodNotAllowed('CONNECT', ['GET', 'HEAD'])));
  server.on('clientError', answerClientError);
  return { server, snapshot };

  function answer(request: IncomingMessage, response: ServerResponse): Page | Promise<Page> {
    const { method = 'GET', url = '/', headers } = request;
    const fault = requestFault(request, response);
    if (fault !== undefined) return problemPage(problems.badRequest(fault));
    if (!hosts.allows(headers.host)) return problemPage(problems.misdirected(headers.host ?? ''));
    if (isCrossOrigin(headers)) return problemPage(problems.crossOrigin());
    const path = pathOf(url);
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (!page) return problemPage(problems.notFound(path));
    if (method === 'GET' || method === 'HEAD') return page();
    return problemPage(problems.methodNotAllowed(method, ['GET', 'HEAD']));
  }
}

function json(status: number, body: object): Page {
  return { status, contentType: 'application/json', body: JSON.stringify(body) };
}

function problemPage(problem: GatewayProblem): Page {
  const { status, headers } = problem;
  return { status, contentType: 'application/problem+json', body: problemBody(problem), headers };
}

function send(request: IncomingMessage, response: ServerResponse, page: Page): void {
  const { status, contentType, body, headers = [] } = page;
  const list = [...headers, 'content-type', contentType, 'content-length', String(Buffer.byteLength(body))];
  list.push('cache-control', 'no-store', 'x-content-type-options', 'nosniff');
  // No page takes a body, and the rest of one would be read as the next request of this connection.
  if (hasBody(request)) list.push('connection', 'close');
  response.writeHead(status, list).end(body);
}
