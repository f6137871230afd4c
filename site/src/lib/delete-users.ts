/** Deletes several users by the version that the reader saw: on the server without JavaScript, in the browser with it. */
import type { Api, ApiFailure } from './api-client.ts';
import { type User, versionTag } from './api-types.ts';
import { mapConcurrently } from './concurrency.ts';

const concurrency = 6;

/** A user to delete, and the version that the reader decided about. */
export interface UserVersion {
  id: number;
  version: number;
}

/** The counts of a deletion, and the users that it left. */
export interface DeletionResult {
  done: number;
  /** Not deleted, because somebody changed the user since the reader saw it. */
  stale: number;
  failed: number;
  /** Ids of the stale and the failed. */
  left: number[];
}

/** Deletes users. A user that no longer exists counts as deleted. */
export async function deleteUsers(api: Pick<Api, 'remove'>, users: readonly UserVersion[]): Promise<DeletionResult> {
  const deletion: DeletionResult = { done: 0, stale: 0, failed: 0, left: [] };
  await mapConcurrently(users, concurrency, async ({ id, version }) => {
    const result = await api.remove(id, versionTag(version));
    const status = result.ok || result.failure.kind !== 'problem' ? undefined : result.failure.status;
    if (result.ok || status === 404) {
      deletion.done++;
      return;
    }
    deletion.left.push(id);
    if (status === 412) deletion.stale++;
    else deletion.failed++;
  });
  return deletion;
}

/**
 * Reads users by id, for the page that asks before it deletes. Users that no longer exist are left out.
 * @returns the users, and the first failure that is not about a single user
 */
export async function getUsers(
  api: Pick<Api, 'get'>,
  ids: (number | undefined)[],
): Promise<{ users: User[]; failure: ApiFailure | undefined }> {
  const wanted = [...new Set(ids.filter((id) => id !== undefined))];
  const results = await mapConcurrently(wanted, concurrency, (id) => api.get(id));
  const users = results.flatMap((result) => (result.ok ? [result.answer.body] : []));
  const failures = results.flatMap((result) => (result.ok ? [] : [result.failure]));
  return { users, failure: failures.find((failure) => failure.kind !== 'problem' || failure.status >= 500) };
}

/**
 * Reads the users that a submitted form names.
 * @param choices form values, each `[id, version]` as JSON; other values are ignored
 */
export function parseChoices(choices: FormDataEntryValue[]): UserVersion[] {
  return choices.flatMap((choice) => {
    const [, id, version] = (typeof choice === 'string' && /^\[(\d{1,15}),(\d{1,15})\]$/.exec(choice)) || [];
    return id && version ? [{ id: Number(id), version: Number(version) }] : [];
  });
}
