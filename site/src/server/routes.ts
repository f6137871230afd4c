/** Routes that are not pages: the API proxy, the event stream, the CSV export and the health check. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createHostCheck } from './allowed-hosts.ts';
import { clientKey, createClientAddress } from './client-address.ts';
import { exportCsv } from './csv-export.ts';
import { createEventStreams } from './event-stream.ts';
import { isSameOrigin } from './origin.ts';
import { createProxy } from './proxy.ts';
import { checkRequest } from './request-checks.ts';
import { createRequestLimits } from './request-limits.ts';
import { refuse, sendText, setSecurityHeaders } from './responses.ts';
import { RevisionPoller } from './revision-poller.ts';
import { apiFor } from './server-api.ts';
import { settings } from './settings.ts';

const poller = new RevisionPoller({
  apiUrl: settings.apiUrl,
  intervalMs: settings.pollIntervalMs,
  timeoutMs: settings.apiTimeoutMs,
});
const events = createEventStreams(poller, settings);
const proxy = createProxy(settings);
const judgeHost = createHostCheck([...settings.allowedHosts, settings.host]);
const addressOf = await createClientAddress(settings.trustedProxies);
const limits = createRequestLimits({
  ...settings,
  // An answer may also stand still because the API takes its time.
  readTimeoutMs: Math.max(settings.requestTimeoutMs, settings.apiTimeoutMs + 1_000),
});

/** Reserves memory for the form of a page, or refuses it. */
export const enterForm = limits.enterForm;

/** Ends the open event streams, which would otherwise keep the server from draining. */
export const closeStreams = events.close;

/**
 * Answers a request that is not for a page, in the built server and in `astro dev` alike. It refuses requests that
 * another site sent, that are malformed or that exceed a limit, and sets the security headers of every answer. It replaces
 * X-Forwarded-For by an address that can be trusted, for the requests to the API.
 * @returns false if the request is left to the static files and to Astro
 */
export async function serveRoute(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  setSecurityHeaders(response);
  const wrong = checkRequest(request, judgeHost);
  if (wrong) {
    refuse(request, response, wrong);
    return true;
  }
  const { method, headers, url = '/' } = request;
  if (!isSameOrigin(method, headers)) {
    sendText(response, 403, 'Another site sent this request. Send it from a page of this site.');
    return true;
  }
  const cut = url.indexOf('?');
  const path = cut === -1 ? url : url.slice(0, cut);
  const search = cut === -1 ? '' : url.slice(cut);
  const reads = method === 'GET' || method === 'HEAD';
  if (path === '/healthz' && reads) {
    sendText(response, 200, 'ok');
    return true;
  }
  const { client, forwardedFor } = addressOf(request);
  headers['x-forwarded-for'] = forwardedFor;
  const key = clientKey(client);
  if (path === '/events' && method === 'GET') {
    events.serve(request, response, key);
    return true;
  }
  const full = limits.enter(response, key);
  if (full) {
    refuse(request, response, full);
    return true;
  }
  if (await proxy(request, response, path, search)) return true;
  if (!reads) return false;
  if (path === '/export.csv') {
    await exportCsv(apiFor(forwardedFor), request, response, new URLSearchParams(search));
    return true;
  }
  return false;
}
