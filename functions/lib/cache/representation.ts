/** The form in which the cache stores a value: a response body and its entity tag. */

/** JSON as clients get it, with its validator. @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3 */
export interface Representation {
  /** In double quotes, such as `"3"`. */
  readonly etag: string;
  readonly json: string;
}

const separator = '\n';

/** @returns one text: the entity tag, a line break, and the JSON */
export function encodeRepresentation({ etag, json }: Representation): string {
  return etag + separator + json;
}

/** @returns undefined for a text without an entity tag, which an older version of this program has stored */
export function decodeRepresentation(text: string): Representation | undefined {
  if (!text.startsWith('"')) return undefined;
  const end = text.indexOf(separator);
  return end < 0 ? undefined : { etag: text.slice(0, end), json: text.slice(end + 1) };
}
