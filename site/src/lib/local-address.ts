/** Any base does: an address that stays on this host is an address of the site. */
const base = 'http://site.invalid';

/**
 * Makes an address of this site out of a text from outside, for a redirect (open redirect). It reads the text as browsers do:
 * they drop tabs and line ends and take a backslash for a slash, so that a slash, a tab and `/host` lead to another host.
 * @returns the path with its query and hash; `/` for anything that leads elsewhere
 * @see https://url.spec.whatwg.org/#url-parsing
 */
export function localAddress(text: string): string {
  const url = text.startsWith('/') ? URL.parse(text, base) : null;
  if (url?.origin !== base) return '/';
  // The path of `/.//host` is `//host`.
  return url.pathname.replace(/^\/+/, '/') + url.search + url.hash;
}
