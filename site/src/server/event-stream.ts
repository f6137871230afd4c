/** GET /events: server-sent events, one `revision` at the beginning and at each change that `Live` sees. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendText } from './responses.ts';
import type { Live } from './revision-poller.ts';

/** Proxies close connections that stay silent for a minute or so. */
const heartbeat = 20_000;

export function createEvents(live: Live, most: number) {
  const open = new Set<ServerResponse>();

  function serve(request: IncomingMessage, response: ServerResponse): void {
    if (open.size >= most) {
      response.setHeader('retry-after', '10');
      sendText(response, 503, 'Too many open event streams.');
      return;
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write('retry: 1000\n\n');
    open.add(response);
    const stop = live.listen((revision) => response.write(`event: revision\ndata: ${revision}\n\n`));
    const beat = setInterval(() => response.write(':\n\n'), heartbeat);
    request.socket.setNoDelay(true);
    response.once('close', () => {
      stop();
      clearInterval(beat);
      open.delete(response);
    });
  }

  function close(): void {
    for (const response of open) response.end();
  }

  return { serve, close };
}
