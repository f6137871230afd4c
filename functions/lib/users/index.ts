/** What other rooms may know of users: types alone. */
export type { Problem, User, UserInput, UserPage, UserPatch } from './types.ts';
