/**
 * The types that the HTTP API speaks. Types alone: importing them costs nothing at run time.
 */
import type { Static } from 'typebox';
import type * as schema from './schema.ts';

/** A user as it is answered; times are ISO 8601 in UTC. */
export type User = Static<typeof schema.User>;
/** What creates or replaces a user. */
export type UserInput = Static<typeof schema.UserInput>;
/** What changes a user: at least one of the fields. */
export type UserPatch = Static<typeof schema.UserPatch>;
/** One page of a list, and the cursor of the next one. */
export type UserPage = Static<typeof schema.UserPage>;

export type { Problem } from '../http/problem.ts';
