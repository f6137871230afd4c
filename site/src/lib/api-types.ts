/** The shapes of the API's answers. */
import type {
  Problem as ApiProblem,
  DeletedUserPage,
  User,
  UserChange,
  UserHistoryPage,
  UserPage,
  UserTwins,
} from '../../../functions/lib/users/types.ts';
import type { Place } from './api-health.ts';

export type { DeletedUserPage, User, UserChange, UserHistoryPage, UserPage, UserTwins };

/**
 * Problem details. A proxy between the site and the API may answer with fewer of them than the API.
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export type Problem = Partial<ApiProblem> & Pick<ApiProblem, 'title' | 'status'>;

/** The values of X-Cache. */
export type CacheState = 'hit' | 'miss' | 'bypass';

/** The source, time and size of one loaded list. */
export interface Load {
  state: CacheState;
  place: Place;
  milliseconds: number;
  /** The number of users that the list's search finds. */
  total: number;
  /** False where the search finds more users than `total`. */
  totalExact: boolean;
}

/** Whether a header value is one of X-Cache. */
export function isCacheState(value: unknown): value is CacheState {
  return value === 'hit' || value === 'miss' || value === 'bypass';
}

/** The API's result for one user of a batch. `owner` is the user that has the e-mail of a deleted one. */
export interface BatchResult {
  id: number;
  /** As the status of a request for this user alone: 200, 204, 404, 409 or 412. */
  status: number;
  owner?: number;
}

/** @returns the ETag of a user's version, for If-Match */
export function versionTag(version: number): string {
  return `"${version}"`;
}
