/**
 * Conditional requests: If-Match and If-None-Match.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13
 */

/**
 * Decides whether a write may change a resource.
 * @param ifMatch value of the If-Match header; undefined when the request has none
 * @param etag of the resource's current state, with its quotes
 * @returns false when the header names other states only; weak tags never match here (RFC 9110, 13.1.1)
 */
export function matches(ifMatch: string | undefined, etag: string): boolean {
  return ifMatch === undefined || ifMatch.trim() === '*' || tagsOf(ifMatch).includes(etag);
}

/**
 * Decides whether a read can be answered with 304.
 * @param ifNoneMatch value of the If-None-Match header; undefined when the request has none
 * @param etag of the resource's current state, with its quotes
 * @returns true when the client has that state; weak tags count too (RFC 9110, 13.1.2)
 */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.trim() === '*' || tagsOf(ifNoneMatch).some((tag) => tag.replace(/^W\//, '') === etag);
}

function tagsOf(header: string): string[] {
  return header.match(/(?:W\/)?"[^"]*"/g) ?? [];
}
