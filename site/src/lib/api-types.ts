/** The API's answers, as the site reads them. */
import type { Problem as ApiProblem, User, UserPage } from '../../../functions/lib/users/types.ts';

export type { User, UserPage };

/** RFC 9457 problem details; whatever stands between the site and the API may answer with less of them. */
export type Problem = Partial<ApiProblem> & Pick<ApiProblem, 'title' | 'status'>;

/** What X-Cache says. */
export type CacheState = 'hit' | 'miss' | 'bypass';

/** Where an answer came from and how long it took. */
export interface Load {
  state: CacheState;
  /** Whether the cache is Redis. */
  redis: boolean;
  milliseconds: number;
  total: number;
}

export function isCacheState(value: unknown): value is CacheState {
  return value === 'hit' || value === 'miss' || value === 'bypass';
}

/** The ETag of a user's version, as If-Match wants it. */
export function versionTag(version: number): string {
  return `"${version}"`;
}
