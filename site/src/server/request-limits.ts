/** Bounds how many requests the site answers at once, of one client and in all. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { cutRequest } from './client-error.ts';
import type { Refusal } from './request-checks.ts';

/** The part of the settings that the limits need. */
export interface RequestLimitSettings {
  maxRequests: number;
  maxRequestsPerClient: number;
  readTimeoutMs: number;
}

/** How often the site looks for responses that take long. */
const sweepMs = 1_000;
/** The headers of a refusal that a client may try again. */
export const retryLater = { 'retry-after': '1' };

/** Counts by name, and forgets a name when its count is zero, so that it holds no more names than there are counts. */
export class Counter {
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

interface InFlight {
  request: IncomingMessage;
  /** The key of the client. */
  client: string;
  /** Whether the read time-out of the response has begun. */
  timed: boolean;
}

/** Makes the limit of the requests in flight, of one site process. */
export function createRequestLimit(settings: RequestLimitSettings) {
  const { maxRequests, maxRequestsPerClient, readTimeoutMs } = settings;
  const perClient = new Counter();
  /** The requests in flight, the oldest first. */
  const inFlight = new Map<ServerResponse, InFlight>();

  // A time-out per request would cost each request a timer. Only those that take longer than a sweep need one.
  setInterval(() => {
    for (const [response, entry] of inFlight) {
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
    perClient.add(entry.client, -1);
  }

  /**
   * Ends the oldest request whose client still sends the body: clients that stand still must not keep others out.
   * @param client limits the search to the requests of this client
   * @returns false if no request is incomplete
   */
  function cutIncomplete(client?: string): boolean {
    for (const [response, { request, client: owner }] of inFlight) {
      if (request.complete || (client !== undefined && client !== owner)) continue;
      leave(response);
      cutRequest(request);
      return true;
    }
    return false;
  }

  /**
   * Counts a request until its response is closed. At a limit, the oldest incomplete request gives way.
   * @param client the key of the client
   * @returns a refusal, and counts nothing, where a limit is reached and all requests are complete
   */
  return function enter(request: IncomingMessage, response: ServerResponse, client: string): Refusal | undefined {
    if (perClient.get(client) >= maxRequestsPerClient && !cutIncomplete(client)) {
      const text = `The site already answers ${maxRequestsPerClient} requests of your address. Try again later.`;
      return { status: 429, text, headers: retryLater };
    }
    if (inFlight.size >= maxRequests && !cutIncomplete()) {
      return { status: 503, text: 'The site is busy with other requests. Try again later.', headers: retryLater };
    }
    perClient.add(client, 1);
    inFlight.set(response, { request, client, timed: false });
    response.once('close', () => leave(response));
    return undefined;
  };
}
