/**
 * Conditional requests: If-Match and If-None-Match (RFC 9110, section 13).
 */

/**
 * Whether a change may go ahead.
 * @param ifMatch the header, if there is one; weak tags match nothing here, as the RFC has it
 * @param etag of the current state
 */
export function matches(ifMatch: string | undefined, etag: string): boolean {
  return ifMatch === undefined || ifMatch.trim() === '*' || tagsOf(ifMatch).includes(etag);
}

/**
 * Whether the client has this state already, so that 304 is answer enough.
 * @param ifNoneMatch the header, if there is one; whether a tag is weak makes no difference here
 * @param etag of the current state
 */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.trim() === '*' || tagsOf(ifNoneMatch).some((tag) => tag.replace(/^W\//, '') === etag);
}

function tagsOf(header: string): string[] {
  return header.match(/(?:W\/)?"[^"]*"/g) ?? [];
}
