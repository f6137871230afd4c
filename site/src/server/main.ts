/** The site server, the entry of `node dist/site/main.mjs`: it starts, answers and drains. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { handler as servePage } from '@astrojs/node/server.js';
import { closeServer } from '../../../infra/http/close-server.ts';
import { limitConnections } from '../../../infra/http/connection-limit.ts';
import { answerInOrder } from '../../../infra/http/in-order.ts';
import { surviveLostOutput } from '../../../infra/http/lost-output.ts';
import { UnreadResponses } from '../../../infra/http/unread-responses.ts';
import { clientKeyHeader } from './client-address.ts';
import { answerClientError, refuseTunnel } from './client-error.ts';
import { compress } from './compress.ts';
import './import-service.ts';
import { takesUpload } from './page-methods.ts';
import { phase } from './phase.ts';
import { retryLater } from './request-limits.ts';
import { refuse, sendContinue, sendText, setStandardReason } from './responses.ts';
import { closeStreams, isTrustedProxy, receiveForm, serveRoute } from './routes.ts';
import { pageTurns } from './server-api.ts';
import { settings } from './settings.ts';
import { createStaticFiles } from './static-files.ts';
import { checkUpgrade } from './upgrade.ts';

/** The time that requests in flight get to finish, once the site takes no more. */
const shutdownTimeoutMs = 10_000;

const serveFile = createStaticFiles(fileURLToPath(new URL('../client', import.meta.url)));

const tooManyPages = { status: 503, text: 'Too many pages wait for the site. Try again later.', headers: retryLater };

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const misplaced = checkUpgrade(request, response);
  if (misplaced) {
    refuse(request, response, misplaced);
    return;
  }
  compress(request, response);
  // Each layer listens for the end of the response, and a pipeline adds three listeners.
  response.setMaxListeners(20);
  unread.watch(response);
  if (await serveRoute(request, response, serveFile)) return;
  setStandardReason(response);
  const isUpload = request.method === 'POST' && takesUpload(request.url ?? '');
  if (request.method === 'POST' && !isUpload) {
    const form = await receiveForm(request, response);
    if (form === undefined) return;
    if (!Buffer.isBuffer(form)) {
      refuse(request, response, form);
      return;
    }
    // Astro takes a body from here, if there is one, instead of reading the request.
    Object.assign(request, { body: form });
  }
  const client = String(request.headers[clientKeyHeader]);
  if (!(await pageTurns.begin(client, (leave) => response.once('close', leave)))) {
    refuse(request, response, tooManyPages);
    return;
  }
  if (isUpload) sendContinue(request, response);
  await servePage(request, response);
}

const unread = new UnreadResponses(settings.maxUnreadBytes, settings.requestTimeoutMs);

const options = {
  maxHeaderSize: settings.maxHeaderBytes,
  headersTimeout: settings.headersTimeoutMs,
  requestTimeout: settings.requestTimeoutMs,
  keepAliveTimeout: settings.keepAliveTimeoutMs,
  connectionsCheckingInterval: Math.min(1_000, settings.headersTimeoutMs),
};

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (phase.isStopping) response.setHeader('connection', 'close');
  serve(request, response).catch((error: unknown) => {
    // The query may have a name that somebody looks for.
    const path = request.url?.split('?', 1)[0];
    process.stderr.write(`${request.method} ${path}: ${error instanceof Error ? error.stack : error}\n`);
    if (response.headersSent) response.destroy();
    else sendText(response, 500, 'The site failed to answer. Its log has the reason.');
  });
}

const answerNext = answerInOrder(answer, settings.pipelineLimit);
const server = createServer(options, answerNext);
// Node.js would ask for a body before the site has looked at the request.
server.on('checkContinue', answerNext);

limitConnections(server, settings, isTrustedProxy);
server.on('clientError', answerClientError);
server.on('connect', refuseTunnel);

server.once('error', (error) => {
  process.stderr.write(`cadastro site: ${error.message}\n`);
  process.exit(1);
});

surviveLostOutput();
server.listen(settings.port, settings.host, () => {
  const { port } = server.address() as AddressInfo;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  process.stdout.write(`cadastro site listening at http://${host}:${port}\n`);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (!phase.isStopping) void stop();
  });
}

/** Answers requests for DRAIN_DELAY_MS more, while load balancers read from /readyz that the site stops. Then it drains. */
async function stop(): Promise<void> {
  phase.isStopping = true;
  await sleep(settings.drainDelayMs);
  const closed = closeServer(server, shutdownTimeoutMs);
  closeStreams();
  await closed;
  process.exit(0);
}
