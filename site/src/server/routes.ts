/** What the site answers besides its pages: in the built server and in `astro dev` alike. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { exportCsv } from './csv-export.ts';
import { createEvents } from './event-stream.ts';
import { isOwnOrigin } from './origin.ts';
import { createProxy } from './proxy.ts';
import { sendText, setSecurityHeaders } from './responses.ts';
import { Live } from './revision-poller.ts';
import { streamApi } from './server-api.ts';
import { settings } from './settings.ts';

const { apiUrl, apiTimeout, liveInterval, liveLimit } = settings;
const events = createEvents(new Live({ apiUrl, interval: liveInterval, timeout: apiTimeout }), liveLimit);
const proxy = createProxy(settings);

/** Ends what would otherwise stay open for ever. */
export const closeStreams = events.close;

/** Answers a request that is not for a page; false leaves it to Astro, with the security headers set. */
export async function answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  setSecurityHeaders(response);
  const { method, headers, url = '/' } = request;
  if (!isOwnOrigin(method, headers)) {
    sendText(response, 403, 'This request came from another site and was refused.');
    return true;
  }
  const cut = url.indexOf('?');
  const path = cut === -1 ? url : url.slice(0, cut);
  const search = cut === -1 ? '' : url.slice(cut);
  if (proxy(request, response, path, search)) return true;
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
    await exportCsv(streamApi, request, response, new URLSearchParams(search));
    return true;
  }
  return false;
}
