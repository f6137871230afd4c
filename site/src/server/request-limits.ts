/** Bounds how many requests the site answers at once, of one client and in all. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ClientTurns } from '../../../infra/http/client-turns.ts';
import { cutRequest } from './client-error.ts';
import type { Refusal } from './request-checks.ts';

/** The part of the settings that the limits need. */
export interface RequestLimitSettings {
  maxRequests: number;
  maxRequestsPerClient: number;
  readTimeoutMs: number;
  /**
   * Whether clients share the limit of all: at it, the newest request of the client that has the most is cut for a client that
   * has fewer. Only for requests that change nothing in the directory.
   */
  isShared?: boolean;
  /** How often the site looks for responses that take long, and measures how fast clients read (ms). */
  sweepMs?: number;
}

/** A client that takes less, while bytes wait for it, may have to give way to others (bytes a second). */
const slowBytesPerSecond = 1_048_576;

/** The headers of a refusal that a client may try again. */
export const retryLater = { 'retry-after': '1' };

interface InFlight {
  request: IncomingMessage;
  /** The key of the client. */
  client: string;
  /** Whether the read time-out of the response has begun. */
  timed: boolean;
  /** The bytes that the client's connection had taken at the last sweep; undefined before the first one. */
  takenBytes?: number;
  /** The bytes that it took between two sweeps of late; undefined before the second sweep. */
  pace?: number;
}

/** Makes the limit of the requests in flight, of one site process. */
export function createRequestLimit(settings: RequestLimitSettings) {
  const { maxRequests, maxRequestsPerClient, readTimeoutMs, isShared = false, sweepMs = 1_000 } = settings;
  /** None of the responses waits for a turn: each holds its part of the limit, and may give it to another client. */
  const byClient = new ClientTurns<ServerResponse>();
  const slowPace = (slowBytesPerSecond * sweepMs) / 1_000;
  /** The requests in flight, the oldest first. */
  const inFlight = new Map<ServerResponse, InFlight>();

  // A time-out per request would cost each request a timer. Only those that take longer than a sweep need one.
  setInterval(() => {
    for (const [response, entry] of inFlight) {
      const { bytesWritten, writableLength } = entry.request.socket;
      const takenBytes = bytesWritten - writableLength;
      if (entry.takenBytes !== undefined) {
        const taken = takenBytes - entry.takenBytes;
        // The system's buffers take much at first, and then in bursts.
        entry.pace = ((entry.pace ?? taken) + taken) / 2;
      }
      entry.takenBytes = takenBytes;
      if (entry.timed || !response.headersSent) continue;
      // Node.js then destroys the connection, unless the reader takes something within this time.
      response.setTimeout(readTimeoutMs);
      entry.timed = true;
    }
  }, sweepMs).unref();

  function leave(response: ServerResponse): void {
    const entry = inFlight.get(response);
    if (!entry) return;
    inFlight.delete(response);
    byClient.remove(entry.client, response);
  }

  /**
   * Ends the oldest request whose client still sends the body: clients that stand still must not keep others out. Of several
   * clients it is the one that has the most requests, because an honest client may be slow.
   * @param client limits the search to the requests of this client
   * @param least spares clients with fewer requests
   * @returns false if no request is incomplete
   */
  function cutIncomplete(client?: string, least = 1): boolean {
    let most = least - 1;
    let found: ServerResponse | undefined;
    for (const [response, { request, client: owner }] of inFlight) {
      const requests = byClient.waitingOf(owner);
      if (request.complete || requests <= most || (client !== undefined && client !== owner)) continue;
      most = requests;
      found = response;
    }
    if (!found) return false;
    leave(found);
    cutRequest(found.req);
    return true;
  }

  /**
   * Ends the response that its client reads slowest, or not at all. A response that waits for the API, or for a turn, is spared.
   * @param client limits the search to the responses to this client
   * @param least spares clients with fewer requests
   * @returns false if every client reads fast enough
   */
  function cutSlowest(client?: string, least = 1): boolean {
    let slowest = slowPace;
    let found: ServerResponse | undefined;
    for (const [response, { request, client: owner, pace = slowPace }] of inFlight) {
      if (request.socket.writableLength === 0 || pace >= slowest) continue;
      if (byClient.waitingOf(owner) < least || (client !== undefined && client !== owner)) continue;
      slowest = pace;
      found = response;
    }
    if (!found) return false;
    leave(found);
    found.req.socket.destroy();
    return true;
  }

  /** Ends the newest request of the client that has the most. @returns false if none has more than this client would have */
  function cutBusiest(client: string): boolean {
    const newest = byClient.newestOfBusiest(client);
    if (!newest) return false;
    leave(newest);
    cutRequest(newest.req, newest.req.complete ? 503 : 408);
    return true;
  }

  const makeRoomOfOwn = (client: string) => cutIncomplete(client) || cutSlowest(client);
  const makeRoom = (client: string) => {
    const least = byClient.waitingOf(client) + 1;
    return (isShared && cutBusiest(client)) || cutIncomplete(undefined, least) || cutSlowest(undefined, least);
  };

  /**
   * Counts a request until its response is closed. At a limit, an incomplete request gives way, or else the response
   * that its client reads slowest, unless that client has fewer requests than this one would have. Where clients share the limit,
   * a request of the client that has the most gives way first.
   * @param client the key of the client
   * @returns a refusal, and counts nothing, where a limit is reached and no request gives way
   */
  return function enter(request: IncomingMessage, response: ServerResponse, client: string): Refusal | undefined {
    if (byClient.waitingOf(client) >= maxRequestsPerClient && !makeRoomOfOwn(client)) {
      const text = `The site already answers ${maxRequestsPerClient} requests of your address. Try again later.`;
      return { status: 429, text, headers: retryLater };
    }
    if (inFlight.size >= maxRequests && !makeRoom(client)) {
      return { status: 503, text: 'The site is busy with other requests. Try again later.', headers: retryLater };
    }
    byClient.push(client, response);
    inFlight.set(response, { request, client, timed: false });
    response.once('close', () => leave(response));
    return undefined;
  };
}
