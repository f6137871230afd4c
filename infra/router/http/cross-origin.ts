/** Recognises requests that a browser sends for a page of another origin. */
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Browsers send Sec-Fetch-Site with each request to this machine, and Origin with each that may write. Programs send neither.
 * @returns whether a page of another origin caused the request; "none" is an address that a person typed
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function isCrossOrigin({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  // The Invoke API has no TLS. A proxy in front of it that has TLS serves browsers that send Sec-Fetch-Site.
  return origin !== undefined && site === undefined && origin !== `http://${host}`;
}
