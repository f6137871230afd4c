/** Routes that are not pages: the API proxy, the event stream, the CSV export and the health check. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { exportCsv } from './csv-export.ts';
import { createEventStreams } from './event-stream.ts';
import { isSameOrigin } from './origin.ts';
import { createProxy } from './proxy.ts';
import { sendText, setSecurityHeaders } from './responses.ts';
import { RevisionPoller } from './revision-poller.ts';
import { uncachedApi } from './server-api.ts';
import { settings } from './settings.ts';

const poller = new RevisionPoller({
  apiUrl: settings.apiUrl,
  intervalMs: settings.pollIntervalMs,
  timeoutMs: settings.apiTimeoutMs,
});
const events = createEventStreams(poller, settings.maxEventStreams);
const proxy = createProxy(settings);

/** Ends the open event streams, which would otherwise keep the server from draining. */
export const closeStreams = events.close;

/**
 * Answers a request that is not for a page, in the built server and in `astro dev` alike. It refuses requests that
 * another site sent, and sets the security headers of every answer.
 * @returns false if the request is left to the static files and to Astro
 */
export async function serveRoute(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  setSecurityHeaders(response);
  const { method, headers, url = '/' } = request;
  if (!isSameOrigin(method, headers)) {
    sendText(response, 403, 'Another site sent this request. Send it from a page of this site.');
    return true;
  }
  const cut = url.indexOf('?');
  const path = cut === -1 ? url : url.slice(0, cut);
  const search = cut === -1 ? '' : url.slice(cut);
  if (await proxy(request, response, path, search)) return true;
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (path === '/healthz') {
    sendText(response, 200, 'ok');
    return true;
  }
  if (path === '/events' && method === 'GET') {
    events.serve(request, response);
    return true;
  }
  if (path === '/export.csv') {
    await exportCsv(uncachedApi, request, response, new URLSearchParams(search));
    return true;
  }
  return false;
}
