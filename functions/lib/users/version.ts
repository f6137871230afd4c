/** A user's version as an entity tag. @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3 */
import { matches } from '../http/conditions.ts';

/** Tells whether a user may be changed. @param version the user's current version */
export type Precondition = (version: number) => boolean;

/** @returns `"3"` for version 3 */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * @param ifMatch value of the If-Match header; undefined when the request has none, which allows every version
 * @returns the precondition that the header sets
 */
export function preconditionOf(ifMatch: string | undefined): Precondition {
  return (version) => matches(ifMatch, etagOf(version));
}
