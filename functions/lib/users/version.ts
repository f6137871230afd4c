/**
 * A user's version as entity tag (RFC 9110): `"3"` for version 3.
 */
import { matches } from '../http/conditions.ts';

/** Whether a user may be changed, by its current version. */
export type Precondition = (version: number) => boolean;

/** @returns the entity tag of a version */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** @returns the precondition that an If-Match header sets; without one, every version may be changed */
export function preconditionOf(ifMatch: string | undefined): Precondition {
  return (version) => matches(ifMatch, etagOf(version));
}
