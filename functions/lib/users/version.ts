/** A user's version as an entity tag. @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3 */
import { type ConditionHeaders, mayChange } from '../http/conditions.ts';

/** Tells whether a user may be changed. @param version the user's current version */
export type Precondition = (version: number) => boolean;

/** @returns `"3"` for version 3 */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * @param headers of the request, their names in lower case
 * @returns the precondition that If-Match and If-None-Match set; without them it allows every version
 */
export function preconditionOf(headers: ConditionHeaders): Precondition {
  return (version) => mayChange(headers, etagOf(version));
}
