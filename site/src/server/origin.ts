import type { IncomingHttpHeaders } from 'node:http';

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request may change something: never for a page of another site, whatever its content type.
 *
 * Browsers say it themselves in Sec-Fetch-Site; older ones, and pages without TLS, send Origin, whose host must be the
 * one that was asked. A client that sends neither is no browser, so it carries nobody's session.
 */
export function isOwnOrigin(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  if (safe.has(method ?? 'GET')) return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin } = headers;
  if (origin === undefined) return true;
  const asked = headers.host;
  return asked !== undefined && URL.parse(origin)?.host === asked.toLowerCase();
}
