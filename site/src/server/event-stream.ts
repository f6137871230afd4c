/** GET /events: server-sent events that tell open pages when a user changed (decision 010). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ClientTurns } from '../../../infra/http/client-turns.ts';
import { refuse } from './responses.ts';
import type { RevisionPoller } from './revision-poller.ts';

/** Proxies commonly close connections that stay silent for a minute. */
const heartbeatMs = 20_000;
/** A reader with more unread events (bytes) than this is gone. Socket buffers hold thousands of events before. */
const maxUnreadBytes = 16_384;

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // nginx buffers responses unless told otherwise.
  'x-accel-buffering': 'no',
};
/** Tells a page that its session has ended. The page then leads to the sign-in page, and does not come back for another stream. */
const endedEvent = 'event: ended\ndata:\n\n';

/** Answers a page that has no session any more. */
export function endStream(response: ServerResponse): void {
  response.writeHead(200, streamHeaders).end(endedEvent);
}

/** The part of the settings that the streams need. */
export interface EventStreamSettings {
  maxEventStreams: number;
  maxEventStreamsPerClient: number;
}

/** Calls a function when a session has ended. @returns a function that stops this */
type WatchSession = (onEnd: () => void) => () => void;

/**
 * @param settings one stream over the limit of its client gets 429. At the limit of all clients, the newest stream of the client
 *   that has the most ends for a client that has fewer; otherwise the new one gets 503.
 * @returns `serve`, which keeps a response open and writes one `revision` event now and at each change; `close`, which
 *   ends all streams, and later ones at once
 */
export function createEventStreams(
  poller: Pick<RevisionPoller, 'listen'>,
  { maxEventStreams, maxEventStreamsPerClient }: EventStreamSettings,
) {
  /** The open streams, and how each of them leaves. */
  const open = new Map<ServerResponse, () => void>();
  /** No stream waits for a turn: each holds its part of the limit. */
  const byClient = new ClientTurns<ServerResponse>();
  let closed = false;

  /**
   * @param client the key of the client, for its limit
   * @param watch calls a function when the session has ended to which the stream belongs; left out while AUTH is off
   */
  function serve(request: IncomingMessage, response: ServerResponse, client: string, watch?: WatchSession): void {
    const ofClient = byClient.waitingOf(client) >= maxEventStreamsPerClient;
    if (ofClient || (open.size >= maxEventStreams && !makeRoom(client))) {
      refuse(request, response, {
        status: ofClient ? 429 : 503,
        text: `${ofClient ? 'Your address' : 'The site'} has too many event streams open. Try again later.`,
        headers: { 'retry-after': '10' },
      });
      return;
    }
    response.writeHead(200, streamHeaders);
    response.write('retry: 1000\n\n');
    if (closed) {
      // Browsers come back after the end of a stream, but not after an error.
      response.end();
      return;
    }
    byClient.push(client, response);
    const send = (text: string) => {
      if (response.writableLength > maxUnreadBytes) response.destroy();
      else response.write(text);
    };
    const stop = poller.listen((revision) => send(`event: revision\ndata: ${revision}\n\n`));
    const stopWatching = watch?.(() => response.end(endedEvent));
    const heartbeat = setInterval(() => send(':\n\n'), heartbeatMs);
    request.socket.setNoDelay(true);
    open.set(response, () => {
      stop();
      stopWatching?.();
      clearInterval(heartbeat);
      open.delete(response);
      byClient.remove(client, response);
    });
    response.once('close', () => leave(response));
  }

  function leave(response: ServerResponse): void {
    open.get(response)?.();
  }

  /** @returns false if no client has more streams than this one would have */
  function makeRoom(client: string): boolean {
    const newest = byClient.newestOfBusiest(client);
    if (!newest) return false;
    leave(newest);
    newest.end();
    return true;
  }

  function close(): void {
    closed = true;
    for (const response of open.keys()) response.end();
  }

  return { serve, close };
}
