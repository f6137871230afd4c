/** Routes that are not pages: the API proxy, the event stream, the exports and the probes. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientKey } from '../../../infra/http/client-key.ts';
import { defaultLanguage, languages } from '../i18n/index.ts';
import { createHostCheck } from './allowed-hosts.ts';
import { clientKeyHeader, createClientAddress, isOverTls, sessionHeader } from './client-address.ts';
import { createEventStreams, endStream } from './event-stream.ts';
import { exportRejected, isRejectedPath } from './exports/export-rejected.ts';
import { exportLanguage } from './exports/export-style.ts';
import { exportUsers, isExportPath, readSelection } from './exports/export-users.ts';
import { createFormReceiver } from './form-body.ts';
import { jobStore } from './import-service.ts';
import { isPermitted } from './origin.ts';
import { checkPageMethod, readsTable } from './page-methods.ts';
import { phase } from './phase.ts';
import { createProxy } from './proxy.ts';
import { checkRequest } from './request-checks.ts';
import { createRequestLimit } from './request-limits.ts';
import { refuse, sendText, setSecurityHeaders } from './responses.ts';
import { RevisionPoller } from './revision-poller.ts';
import { apiFor } from './server-api.ts';
import { admitToRoute } from './sessions/admit.ts';
import { signInAddress } from './sessions/begin-session.ts';
import { sessionTokenOf } from './sessions/session-cookie.ts';
import { readSiteKey, tellRefusedKey } from './sessions/site-key.ts';
import { sessionWatch } from './sessions/watch-service.ts';
import { settings } from './settings.ts';
import type { StaticFiles } from './static-files.ts';
import { keepTrace } from './trace-headers.ts';

const poller = new RevisionPoller({
  apiUrl: settings.apiUrl,
  intervalMs: settings.pollIntervalMs,
  timeoutMs: settings.apiTimeoutMs,
  ...(settings.auth && { readKey: readSiteKey, onRefused: tellRefusedKey }),
});
const events = createEventStreams(poller, settings);
const proxy = createProxy(settings);
const judgeHost = createHostCheck([...settings.allowedHosts, settings.host]);
const { find: addressOf, isTrusted } = await createClientAddress(settings.trustedProxies);
// An answer may also stand still because the API takes its time.
const readTimeoutMs = Math.max(settings.requestTimeoutMs, settings.apiTimeoutMs + 1_000);
const enter = createRequestLimit({ ...settings, readTimeoutMs });
/** A file to import takes longer to arrive and to be read than any other request, and takes more memory. */
const enterImport = createRequestLimit({
  maxRequests: settings.maxImportRequests,
  maxRequestsPerClient: settings.maxImportRequestsPerClient,
  isShared: true,
  readTimeoutMs,
});
/** The server's one thread writes the rows of the files, and many at once would keep every page waiting. */
const enterExport = createRequestLimit({
  maxRequests: settings.maxExports,
  maxRequestsPerClient: settings.maxExportsPerClient,
  isShared: true,
  readTimeoutMs,
});

/** Receives the form of a page, or refuses it. */
export const receiveForm = createFormReceiver(settings);

/** Whether an address is that of a trusted proxy. */
export const isTrustedProxy = isTrusted;

/** Ends the open event streams, which would otherwise keep the server from draining. */
export const closeStreams = events.close;

/**
 * Answers a request that is not for a page, in the built server and in `astro dev` alike. It refuses requests that
 * another site sent, that are malformed or that exceed a limit, and sets the security headers of every answer. It replaces
 * X-Forwarded-For and X-Forwarded-Proto by values that can be trusted, gives the request a trace context, and tells pages the key and
 * the session of the client.
 * @param serveFile answers a request for a file, which the limit of requests does not count
 * @returns false if the request is left to Astro
 */
export async function serveRoute(
  request: IncomingMessage,
  response: ServerResponse,
  serveFile: StaticFiles = () => false,
): Promise<boolean> {
  setSecurityHeaders(response);
  const wrong = checkRequest(request, judgeHost);
  if (wrong) {
    refuse(request, response, wrong);
    return true;
  }
  const { method, headers, url = '/' } = request;
  const cut = url.indexOf('?');
  const path = cut === -1 ? url : url.slice(0, cut);
  if (!isPermitted(method, path, headers)) {
    sendText(response, 403, 'Another site sent this request. Send it from a page of this site.');
    return true;
  }
  const search = cut === -1 ? '' : url.slice(cut);
  if (serveFile(request, response, path)) {
    response.setTimeout(settings.requestTimeoutMs);
    return true;
  }
  const wrongMethod = path.startsWith('/api/') ? undefined : checkPageMethod(method, path);
  if (wrongMethod) {
    refuse(request, response, wrongMethod);
    return true;
  }
  if (path === '/livez' || path === '/healthz') {
    sendText(response, 200, 'ok');
    return true;
  }
  if (path === '/readyz') {
    if (phase.isStopping) sendText(response, 503, 'stopping');
    else sendText(response, 200, 'ok');
    return true;
  }
  const { client, forwardedFor } = addressOf(request);
  headers['x-forwarded-for'] = forwardedFor;
  const key = clientKey(client);
  headers[clientKeyHeader] = key;
  const isSecure = settings.publicUrl?.protocol === 'https:' || isOverTls(request, isTrusted);
  headers['x-forwarded-proto'] = isSecure ? 'https' : 'http';
  const session = settings.auth ? sessionTokenOf(headers.cookie, isSecure) : undefined;
  if (session === undefined) delete headers[sessionHeader];
  else headers[sessionHeader] = session;
  const trace = keepTrace(headers);
  if (path === '/events' && method === 'GET') {
    // A script sees the events of a stream, and not the status of one that is refused.
    const answerNobody = headers.accept === 'text/event-stream' ? endStream : undefined;
    const streamApi = apiFor(forwardedFor, key, session, trace);
    if (!(await admitToRoute(response, streamApi, session, 'reader', answerNobody))) return true;
    const watch = session && ((onEnd: () => void) => sessionWatch.watch(session, forwardedFor, onEnd));
    events.serve(request, response, key, watch || undefined);
    return true;
  }
  const full =
    enter(request, response, key) ??
    (method === 'POST' && readsTable(path) ? enterImport(request, response, key) : undefined) ??
    (isExportPath(path) || isRejectedPath(path) ? enterExport(request, response, key) : undefined);
  if (full) {
    refuse(request, response, full);
    return true;
  }
  if (await proxy(request, response, path, search)) return true;
  const api = apiFor(forwardedFor, key, session, trace);
  if (isExportPath(path)) {
    const parameters = new URLSearchParams(search);
    // Links of pages name the language.
    const language = exportLanguage(parameters);
    const location = language && method === 'GET' ? signInAddress(language, '/') : undefined;
    const answerNobody = location && ((to: ServerResponse) => void to.writeHead(303, { location }).end());
    if (!(await admitToRoute(response, api, session, 'reader', answerNobody || undefined))) return true;
    const form = method === 'POST' ? await receiveForm(request, response) : undefined;
    if (method === 'POST' && form === undefined) return true;
    if (form && !Buffer.isBuffer(form)) {
      refuse(request, response, form);
      return true;
    }
    const selection = form && readSelection(new URLSearchParams(form.toString()));
    if (selection?.size === 0) {
      const { nothing } = languages[language ?? defaultLanguage].remove;
      refuse(request, response, { status: 422, text: nothing });
      return true;
    }
    await exportUsers(api, request, response, path, parameters, selection);
    return true;
  }
  if (!isRejectedPath(path)) return false;
  const admitted = await admitToRoute(response, api, session, 'editor');
  return admitted ? exportRejected(jobStore, request, response, path, admitted.person) : true;
}
