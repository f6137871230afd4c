/**
 * Conditional requests: If-Match and If-None-Match.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13
 */

/** The headers that set conditions, as far as a request has them. */
export type ConditionHeaders = Readonly<Record<string, string | undefined>>;

/**
 * Decides whether a write may change a resource, which exists.
 * @param headers of the request, their names in lower case
 * @param etag of the resource's current state, with its quotes
 * @returns false when If-Match names other states only, or If-None-Match names this one. A weak tag counts in If-None-Match
 *   (RFC 9110, 13.1.2), and never in If-Match (13.1.1). A malformed condition cannot be checked, so it allows no change
 */
export function mayChange(headers: ConditionHeaders, etag: string): boolean {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  if (ifMatch !== undefined && !isAny(ifMatch) && !tagsOf(ifMatch).includes(etag)) return false;
  return ifNoneMatch === undefined || (tagsOf(ifNoneMatch).length > 0 && !isKnown(ifNoneMatch, etag));
}

/**
 * Decides whether If-None-Match names a state: then a read is answered with 304, and a write with 412.
 * @param ifNoneMatch value of the If-None-Match header; undefined when the request has none
 * @param etag of the resource's current state, with its quotes
 * @returns true when the client has that state; weak tags count too (RFC 9110, 13.1.2)
 */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return isAny(ifNoneMatch) || tagsOf(ifNoneMatch).some((tag) => tag.replace(/^W\//, '') === etag);
}

function isAny(header: string): boolean {
  return header.trim() === '*';
}

/** @returns the tags of the header; none when it has anything else */
function tagsOf(header: string): string[] {
  const tag = /(?:W\/)?"[^"]*"/g;
  return /^[\s,]*$/.test(header.replaceAll(tag, '')) ? (header.match(tag) ?? []) : [];
}
