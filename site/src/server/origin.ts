/** Protects against cross-site request forgery: another site's page must not change users through a reader's browser. */
import type { IncomingHttpHeaders } from 'node:http';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request may change something. Astro's own check covers forms alone, and fails behind a proxy that ends TLS.
 *
 * Browsers say in Sec-Fetch-Site where a request comes from. Older browsers, and pages without TLS, send Origin, whose
 * host must be the requested one. A client that sends neither is not a browser, so it carries nobody's session.
 */
export function isSameOrigin(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  if (safeMethods.has(method ?? 'GET')) return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = headers;
  if (origin === undefined) return true;
  return host !== undefined && URL.parse(origin)?.host === host.toLowerCase();
}
