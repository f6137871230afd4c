/** GET /events: server-sent events that tell open pages when a user changed (decision 010). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendText } from './responses.ts';
import type { RevisionPoller } from './revision-poller.ts';

/** Proxies commonly close connections that stay silent for a minute. */
const heartbeatMs = 20_000;

/**
 * @param maxStreams one stream over this number gets 503
 * @returns `serve`, which keeps a response open and writes one `revision` event now and at each change; `close`, which
 *   ends all streams
 */
export function createEventStreams(poller: RevisionPoller, maxStreams: number) {
  const open = new Set<ServerResponse>();

  function serve(request: IncomingMessage, response: ServerResponse): void {
    if (open.size >= maxStreams) {
      response.setHeader('retry-after', '10');
      sendText(response, 503, `The site already serves ${maxStreams} event streams. Try again later.`);
      return;
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // nginx buffers responses unless told otherwise.
      'x-accel-buffering': 'no',
    });
    response.write('retry: 1000\n\n');
    open.add(response);
    const stop = poller.listen((revision) => response.write(`event: revision\ndata: ${revision}\n\n`));
    const heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs);
    request.socket.setNoDelay(true);
    response.once('close', () => {
      stop();
      clearInterval(heartbeat);
      open.delete(response);
    });
  }

  function close(): void {
    for (const response of open) response.end();
  }

  return { serve, close };
}
