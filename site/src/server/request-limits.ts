/** Bounds what clients can make the site hold at once: requests in flight, of one client and in all, and forms in memory. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Refusal } from './request-checks.ts';

/** The part of the settings that the limits need. */
export interface RequestLimitSettings {
  maxRequests: number;
  maxRequestsPerClient: number;
  maxBodyBytes: number;
  maxFormBytes: number;
  readTimeoutMs: number;
}

/** How often the site looks for responses that take long. */
const sweepMs = 1_000;
const retryLater = { 'retry-after': '1' };

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

/** Makes the limits of one site process. */
export function createRequestLimits(settings: RequestLimitSettings) {
  const { maxRequests, maxRequestsPerClient, maxBodyBytes, maxFormBytes, readTimeoutMs } = settings;
  const perClient = new Counter();
  /** Each response in flight, and whether its read time-out has begun. */
  const inFlight = new Map<ServerResponse, boolean>();
  let formBytes = 0;

  // A time-out per request would cost each request a timer. Only those that take longer than a sweep need one.
  setInterval(() => {
    for (const [response, timed] of inFlight) {
      if (timed || !response.headersSent) continue;
      // Node.js then destroys the connection, unless the reader takes something within this time.
      response.setTimeout(readTimeoutMs);
      inFlight.set(response, true);
    }
  }, sweepMs).unref();

  /**
   * Counts a request until its response is closed.
   * @param client the key of the client
   * @returns a refusal, and counts nothing, where a limit is reached
   */
  function enter(response: ServerResponse, client: string): Refusal | undefined {
    if (perClient.get(client) >= maxRequestsPerClient) {
      const text = `The site already answers ${maxRequestsPerClient} requests of your address. Try again later.`;
      return { status: 429, text, headers: retryLater };
    }
    if (inFlight.size >= maxRequests) {
      return { status: 503, text: 'The site is busy with other requests. Try again later.', headers: retryLater };
    }
    perClient.add(client, 1);
    inFlight.set(response, false);
    response.once('close', () => {
      inFlight.delete(response);
      perClient.add(client, -1);
    });
    return undefined;
  }

  /**
   * Reserves memory for a form, which Astro reads as a whole, until the response is closed.
   * @returns a refusal, and reserves nothing, where the form or all forms are too large
   */
  function enterForm(request: IncomingMessage, response: ServerResponse): Refusal | undefined {
    const { headers } = request;
    const length = Number(headers['content-length'] ?? 0);
    if (length > maxBodyBytes) {
      return { status: 413, text: `The request is larger than ${maxBodyBytes} bytes. Send less at once.` };
    }
    const bytes = headers['transfer-encoding'] === undefined ? length : maxBodyBytes;
    if (bytes === 0) return undefined;
    if (formBytes > 0 && formBytes + bytes > maxFormBytes) {
      return { status: 503, text: 'The site is busy with other forms. Try again later.', headers: retryLater };
    }
    formBytes += bytes;
    response.once('close', () => {
      formBytes -= bytes;
    });
    return undefined;
  }

  return { enter, enterForm };
}
