/** Refuses requests that two programs could read in two ways, before any route sees them (request smuggling). */
import type { IncomingMessage } from 'node:http';
import { hasSeveralHosts } from '../../../infra/http/host-headers.ts';
import type { HostVerdict } from './allowed-hosts.ts';

/** An answer that the site gives instead of the requested one. */
export interface Refusal {
  status: number;
  /** One sentence that says what to do. */
  text: string;
  headers?: Record<string, string>;
}

/** The methods that some page, file or API path answers. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const allow = { allow: methods.join(', ') };

type Checked = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders' | 'httpVersion'>;

/**
 * Checks a request's framing, method, target and host. Node.js has already refused what its parser finds malformed. An
 * absolute target (`GET http://host/path`) is replaced by its path, and its host becomes the request's Host.
 * @returns undefined if the request may be answered
 * @see https://www.rfc-editor.org/rfc/rfc9112.html#section-6.1 framing
 * @see https://www.rfc-editor.org/rfc/rfc9112.html#section-3.2 target and Host
 */
export function checkRequest(
  request: Checked,
  judgeHost: (host: string | undefined) => HostVerdict,
): Refusal | undefined {
  const { method = 'GET', headers } = request;
  // Node.js takes a request line without a version for HTTP/0.9.
  if (request.httpVersion === '0.9') return refusal(400, 'The request line has no version. End it with HTTP/1.1.');
  const coding = headers['transfer-encoding'];
  if (coding !== undefined) {
    if (request.httpVersion === '1.0') return refusal(400, 'HTTP/1.0 has no Transfer-Encoding. Send Content-Length.');
    if (coding.toLowerCase() !== 'chunked') return refusal(501, 'The only transfer coding here is chunked.');
  }
  if (hasSeveralHosts(request.rawHeaders)) return refusal(400, 'The request has several Host headers. Send one.');
  if (!methods.includes(method)) return { ...refusal(405, `${method} is not allowed here.`), headers: allow };
  if (!takeOriginForm(request)) {
    if (request.url === '*' && method === 'OPTIONS') return { status: 204, text: '', headers: allow };
    return refusal(400, 'The request target has no path. Send one that begins with a slash.');
  }
  const verdict = judgeHost(headers.host);
  if (verdict === 'malformed') return refusal(400, 'The Host header is not a host name with an optional port.');
  if (verdict === 'foreign') {
    return refusal(421, 'The site does not answer to this host name. Add the name to ALLOWED_HOSTS.');
  }
  return undefined;
}

function refusal(status: number, text: string): Refusal {
  return { status, text };
}

/** @returns false for a target without a path */
function takeOriginForm(request: Checked): boolean {
  const { url = '/' } = request;
  if (url.startsWith('/')) return true;
  const [, authority = '', rest = ''] = /^https?:\/\/([^/?#]+)([^#]*)$/i.exec(url) ?? [];
  if (authority === '') return false;
  request.url = rest.startsWith('/') ? rest : `/${rest}`;
  request.headers.host = authority;
  return true;
}
