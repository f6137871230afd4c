/** Finds several Host headers. The router and the site's server use it. */

/**
 * Node.js keeps the first of several Host headers. A proxy in front of us may have used another one (request smuggling).
 * @param rawHeaders header names and values in turn, as they were sent
 * @see https://www.rfc-editor.org/rfc/rfc9112.html#section-3.2
 */
export function hasSeveralHosts(rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count > 1;
}
