/** The site server, the entry of `node dist/site/main.mjs`: it starts, answers and drains. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { handler as servePage } from '@astrojs/node/server.js';
import { compress } from './compress.ts';
import { sendText } from './responses.ts';
import { closeStreams, serveRoute } from './routes.ts';
import { settings } from './settings.ts';
import { createStaticFiles } from './static-files.ts';

/** The time that requests in flight get to finish after SIGTERM. */
const shutdownTimeoutMs = 10_000;

const serveFile = createStaticFiles(fileURLToPath(new URL('../client', import.meta.url)));

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  compress(request, response);
  if (await serveRoute(request, response)) return;
  const path = (request.url ?? '/').replace(/\?.*/s, '');
  if (serveFile(request, response, path)) return;
  if (Number(request.headers['content-length'] ?? 0) > settings.maxBodyBytes) {
    response.setHeader('connection', 'close');
    request.resume();
    sendText(response, 413, `The request is larger than ${settings.maxBodyBytes} bytes. Send less at once.`);
    return;
  }
  await servePage(request, response);
}

let draining = false;

const server = createServer((request, response) => {
  // While draining, a connection must not wait for its keep-alive timeout after its last answer.
  response.once('close', () => {
    if (draining) setImmediate(() => server.closeIdleConnections());
  });
  serve(request, response).catch((error: unknown) => {
    process.stderr.write(`${request.method} ${request.url}: ${error instanceof Error ? error.stack : error}\n`);
    if (response.headersSent) response.destroy();
    else sendText(response, 500, 'The site failed to answer. Its log has the reason.');
  });
});

server.requestTimeout = 60_000;
server.headersTimeout = 20_000;
// Longer than the idle timeout of usual load balancers (60 s), so that they never reuse a connection being closed.
server.keepAliveTimeout = 65_000;

server.once('error', (error) => {
  process.stderr.write(`cadastro site: ${error.message}\n`);
  process.exit(1);
});

server.listen(settings.port, settings.host, () => {
  const { port } = server.address() as AddressInfo;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  process.stdout.write(`cadastro site listening at http://${host}:${port}\n`);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (draining) return;
    draining = true;
    server.close(() => process.exit(0));
    closeStreams();
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), shutdownTimeoutMs).unref();
  });
}
