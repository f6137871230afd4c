/** The site's server: `node dist/site/main.mjs`. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { handler } from '@astrojs/node/server.js';
import { compress } from './compress.ts';
import { sendText } from './responses.ts';
import { answer, closeStreams } from './routes.ts';
import { settings } from './settings.ts';
import { createStatic } from './static-files.ts';

/** How long requests in flight get to finish at SIGTERM. */
const patience = 10_000;

const serveFile = createStatic(fileURLToPath(new URL('../client', import.meta.url)));

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (await answer(request, response)) return;
  const path = (request.url ?? '/').replace(/\?.*/s, '');
  if (serveFile(request, response, path)) return;
  if (Number(request.headers['content-length'] ?? 0) > settings.bodyLimit) {
    response.setHeader('connection', 'close');
    request.resume();
    sendText(response, 413, 'That is more than this site takes at once.');
    return;
  }
  compress(request, response);
  await handler(request, response);
}

let ending = false;

const server = createServer((request, response) => {
  // Connections that are kept alive would otherwise hold up the end until their time is over.
  response.once('close', () => {
    if (ending) setImmediate(() => server.closeIdleConnections());
  });
  serve(request, response).catch((error: unknown) => {
    process.stderr.write(`${request.method} ${request.url}: ${error instanceof Error ? error.stack : error}\n`);
    if (response.headersSent) response.destroy();
    else sendText(response, 500, 'Something went wrong on this site.');
  });
});

server.requestTimeout = 60_000;
server.headersTimeout = 20_000;
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
    if (ending) return;
    ending = true;
    server.close(() => process.exit(0));
    closeStreams();
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), patience).unref();
  });
}
