/** The types of the HTTP API of users. The file exports types only, so importing it costs nothing at run time. */
import type { Static } from 'typebox';
import type * as binSchema from './bin-schema.ts';
import type * as historySchema from './history-schema.ts';
import type * as schema from './schema.ts';

/** A user in a response. Times are ISO 8601 in UTC. */
export type User = Static<typeof schema.User>;
/** The body that creates or replaces a user. */
export type UserInput = Static<typeof schema.UserInput>;
/** The body that changes a user. It has at least one of the fields. */
export type UserPatch = Static<typeof schema.UserPatch>;
/** The users that share an e-mail. */
export type UserTwins = Static<typeof schema.UserTwins>;
/** One page of the list of users. */
export type UserPage = Static<typeof schema.UserPage>;
/** A deleted user that can be restored. */
export type DeletedUser = Static<typeof binSchema.DeletedUser>;
/** One page of the bin. */
export type DeletedUserPage = Static<typeof binSchema.DeletedUserPage>;
/** The state of a user before or after a change. */
export type UserState = Static<typeof historySchema.UserState>;
/** A change of a user, as its history shows it. */
export type UserChange = Static<typeof historySchema.UserChange>;
/** One page of the history of a user. */
export type UserHistoryPage = Static<typeof historySchema.UserHistoryPage>;

export type { Problem } from '../http/problem.ts';
