/** Keeps the pages of other sites from changing users, and from following changes, through a reader's browser. */
import type { IncomingHttpHeaders } from 'node:http';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request may be answered. Every site may link to pages, but only this site's own pages may change something or hold
 * an event stream. Astro's own check covers forms alone, and fails behind a proxy that ends TLS.
 * @param path the request's path, without its query
 */
export function isPermitted(method: string | undefined, path: string, headers: IncomingHttpHeaders): boolean {
  return (safeMethods.has(method ?? 'GET') && path !== '/events') || isSameOrigin(headers);
}

/**
 * Browsers say in Sec-Fetch-Site where a request comes from. Older browsers, and pages without TLS, send Origin, whose
 * host must be the requested one. Its scheme must be the one that a proxy names, if it names one: a page without TLS can come from
 * anybody on the way, and has no rights on a site with TLS. A client that sends neither is not a browser, so it carries nobody's session.
 */
function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = headers;
  if (origin === undefined) return true;
  const page = URL.parse(origin);
  const schemes = headers['x-forwarded-proto']
    ?.toString()
    .toLowerCase()
    .split(/\s*,\s*/) ?? ['http', 'https'];
  return host !== undefined && page?.host === host.toLowerCase() && schemes.includes(page.protocol.slice(0, -1));
}
