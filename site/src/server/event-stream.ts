/** GET /events: server-sent events that tell open pages when a user changed (decision 010). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuse } from './responses.ts';
import type { RevisionPoller } from './revision-poller.ts';

/** Proxies commonly close connections that stay silent for a minute. */
const heartbeatMs = 20_000;
/** A reader with more unread events (bytes) than this is gone. Socket buffers hold thousands of events before. */
const maxUnreadBytes = 16_384;

/** The part of the settings that the streams need. */
export interface EventStreamSettings {
  maxEventStreams: number;
  maxEventStreamsPerClient: number;
}

/** Calls a function when a session has ended. @returns a function that stops this */
type WatchSession = (onEnd: () => void) => () => void;

/** Counts by name, and forgets a name when its count is zero, so that it holds no more names than there are counts. */
class Counter {
  #counts = new Map<string, number>();

  get(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string, difference: 1 | -1): void {
    const count = this.get(name) + difference;
    if (count === 0) this.#counts.delete(name);
    else this.#counts.set(name, count);
  }
}

/**
 * @param settings one stream over the limit of all clients gets 503, one over that of its client 429
 * @returns `serve`, which keeps a response open and writes one `revision` event now and at each change; `close`, which
 *   ends all streams, and later ones at once
 */
export function createEventStreams(
  poller: Pick<RevisionPoller, 'listen'>,
  { maxEventStreams, maxEventStreamsPerClient }: EventStreamSettings,
) {
  const open = new Set<ServerResponse>();
  const perClient = new Counter();
  let closed = false;

  /**
   * @param client the key of the client, for its limit
   * @param watch calls a function when the session has ended to which the stream belongs; left out while AUTH is off
   */
  function serve(request: IncomingMessage, response: ServerResponse, client: string, watch?: WatchSession): void {
    const ofClient = perClient.get(client) >= maxEventStreamsPerClient;
    if (ofClient || open.size >= maxEventStreams) {
      refuse(request, response, {
        status: ofClient ? 429 : 503,
        text: `${ofClient ? 'Your address' : 'The site'} has too many event streams open. Try again later.`,
        headers: { 'retry-after': '10' },
      });
      return;
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // nginx buffers responses unless told otherwise.
      'x-accel-buffering': 'no',
    });
    response.write('retry: 1000\n\n');
    if (closed) {
      // Browsers come back after the end of a stream, but not after an error.
      response.end();
      return;
    }
    open.add(response);
    perClient.add(client, 1);
    const send = (text: string) => {
      if (response.writableLength > maxUnreadBytes) response.destroy();
      else response.write(text);
    };
    const stop = poller.listen((revision) => send(`event: revision\ndata: ${revision}\n\n`));
    // The page then leads to the sign-in page, and does not come back for another stream.
    const stopWatching = watch?.(() => response.end('event: ended\ndata:\n\n'));
    const heartbeat = setInterval(() => send(':\n\n'), heartbeatMs);
    request.socket.setNoDelay(true);
    response.once('close', () => {
      stop();
      stopWatching?.();
      clearInterval(heartbeat);
      open.delete(response);
      perClient.add(client, -1);
    });
  }

  function close(): void {
    closed = true;
    for (const response of open) response.end();
  }

  return { serve, close };
}
