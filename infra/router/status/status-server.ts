/**
 * The status server on STATUS_PORT: /status, /metrics, and the probes /livez and /readyz. It only reads, so a container or a
 * monitor may reach it that must not run functions.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Config } from '../config.ts';
import type { EventQueue } from '../control/event-queue.ts';
import { answerClientError, refuse } from '../gateway/client-error.ts';
import { type GatewayProblem, problemBody, problems } from '../gateway/gateway-problems.ts';
import { hasBody } from '../gateway/request-body.ts';
import { pathOf } from '../gateway/request-target.ts';
import { AllowedHosts } from '../http/allowed-hosts.ts';
import { isCrossOrigin } from '../http/cross-origin.ts';
import { requestFault } from '../http/framing.ts';
import { serverOptions } from '../http/listen.ts';
import { log } from '../process/log.ts';
import type { FunctionHost } from '../runtime/host.ts';
import { formatMetrics, registerRouterMetrics } from './metrics.ts';
import { type RouterSnapshot, takeSnapshot } from './snapshot.ts';
import { statusOf } from './status.ts';

/** Where a router process is in its life. */
export type Phase = 'starting' | 'ready' | 'stopping';

/** The parts of the router that the status server needs. */
export interface StatusServerOptions {
  config: Config;
  host: FunctionHost;
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
}

/** @returns the status server, which does not listen yet */
export function createStatusServer({ config, host, queue, phase, clusterSnapshot }: StatusServerOptions): StatusServer {
  registerRouterMetrics(host.metrics.registry, host, queue);
  const hosts = new AllowedHosts(config.allowedHosts);
  const snapshot = () => takeSnapshot(host, host.metrics.registry);
  const snapshotOfAll = async () => (await clusterSnapshot?.()) ?? snapshot();
  const pages: Record<string, () => Page | Promise<Page>> = {
    '/livez': () => json(200, { status: 'ok' }),
    '/readyz': () => (phase() === 'ready' ? json(200, { status: 'ok' }) : json(503, { status: phase() })),
    '/status': async () => json(200, statusOf(await snapshotOfAll(), config)),
    '/metrics': async () => ({ status: 200, ...(await formatMetrics(await snapshotOfAll())) }),
  };
  const server = createServer(serverOptions(config), (request, response) => {
    answer(request, response).catch((error: Error) => {
      log.error('The status server failed', {
        errorType: error.name,
        errorMessage: error.message,
        stack: error.stack,
      });
      response.destroy();
    });
  });
  server.on('connect', (_request, socket) => refuse(socket, problems.methodNotAllowed('CONNECT', ['GET', 'HEAD'])));
  server.on('clientError', answerClientError);
  return { server, snapshot };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request;
    const fault = requestFault(request);
    if (fault !== undefined) return send(request, response, problemPage(problems.badRequest(fault)));
    if (!hosts.allows(headers.host)) {
      return send(request, response, problemPage(problems.misdirected(headers.host ?? '')));
    }
    if (isCrossOrigin(headers)) return send(request, response, problemPage(problems.crossOrigin()));
    const path = pathOf(url);
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (!page) return send(request, response, problemPage(problems.notFound(path)));
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return send(request, response, problemPage(problems.methodNotAllowed(method, ['GET', 'HEAD'])));
    }
    return send(request, response, await page());
  }
}

function json(status: number, body: object): Page {
  return { status, contentType: 'application/json', body: JSON.stringify(body) };
}

function problemPage(problem: GatewayProblem): Page {
  return { status: problem.status, contentType: 'application/problem+json', body: problemBody(problem) };
}

function send(request: IncomingMessage, response: ServerResponse, { status, contentType, body }: Page): void {
  response.setHeader('content-type', contentType);
  response.setHeader('content-length', Buffer.byteLength(body));
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-content-type-options', 'nosniff');
  // No page takes a body, and the rest of one would be read as the next request of this connection.
  if (hasBody(request)) response.setHeader('connection', 'close');
  response.writeHead(status).end(body);
}
