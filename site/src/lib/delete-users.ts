/** Deletes users and restores them from the bin: on the server without JavaScript, in the browser with it. */
import type { Api, ApiFailure } from './api-client.ts';
import type { User } from './api-types.ts';
import { mapConcurrently } from './concurrency.ts';
import { newIdempotencyKey } from './idempotency-key.ts';

const concurrency = 6;
/** The most users that the API takes in one request. */
const maxBatchUsers = 1_000;

/** A user to delete, and the version that the reader decided about. */
export interface UserVersion {
  id: number;
  version: number;
}

/** The outcome of a deletion. */
export interface DeletionResult {
  /** Ids of the users that are gone now. */
  done: number[];
  /** Ids of users that are not deleted, because somebody changed them since the reader saw them. */
  stale: number[];
  /** Ids of users that the API did not delete. */
  failed: number[];
  /** How many more users match the search, where a search chose the users. */
  left: number;
}

/** The outcome of a restoration. */
export interface RestorationResult {
  done: number;
  /** Users that are still in the bin, because another user has their e-mail now. */
  taken: { id: number; owner: number | undefined }[];
  /** The number of users that the bin does not have. */
  failed: number;
  /** The number of users about whom the API gave no answer. The restoration may be repeated with the same key. */
  unanswered: number;
}

/**
 * Deletes users by id. A user that no longer exists counts as deleted.
 * @param key with the same key and users, a repeated call gets the answers of the first one
 */
export async function deleteUsers(
  api: Pick<Api, 'removeMany'>,
  users: readonly UserVersion[],
  key = newIdempotencyKey(),
): Promise<DeletionResult> {
  const deletion: DeletionResult = { done: [], stale: [], failed: [], left: 0 };
  for (const [index, batch] of batches(users).entries()) {
    // The API refuses other members, such as the name that a page shows.
    const targets = batch.map(({ id, version }) => ({ id, version }));
    const result = await api.removeMany({ users: targets }, `${key}-${index}`);
    if (!result.ok) deletion.failed.push(...batch.map(({ id }) => id));
    else {
      for (const { id, status } of result.answer.body.results) {
        if (status === 412) deletion.stale.push(id);
        else deletion.done.push(id);
      }
    }
  }
  return deletion;
}

/** Deletes the first thousand users that a search finds; an empty search finds all. `left` says how many more there are; NaN if the API failed. */
export async function deleteMatching(api: Pick<Api, 'removeMany'>, q: string): Promise<DeletionResult> {
  const result = await api.removeMany(q.trim() === '' ? { all: true } : { q }, newIdempotencyKey());
  if (!result.ok) return { done: [], stale: [], failed: [], left: Number.NaN };
  const { results, left } = result.answer.body;
  return { done: results.map(({ id }) => id), stale: [], failed: [], left };
}

/**
 * Restores deleted users from the bin.
 * @param key with the same key and ids, a repeated call gets the answers of the first one
 */
export async function restoreUsers(
  api: Pick<Api, 'restore'>,
  ids: readonly number[],
  key = newIdempotencyKey(),
): Promise<RestorationResult> {
  const restoration: RestorationResult = { done: 0, taken: [], failed: 0, unanswered: 0 };
  for (const [index, batch] of batches(ids).entries()) {
    const result = await api.restore(batch, `${key}-${index}`);
    if (!result.ok) restoration.unanswered += batch.length;
    else {
      for (const { id, status, owner } of result.answer.body.results) {
        if (status === 200) restoration.done++;
        else if (status === 409) restoration.taken.push({ id, owner });
        else restoration.failed++;
      }
    }
  }
  return restoration;
}

function batches<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / maxBatchUsers);
  return Array.from({ length: count }, (_, at) => items.slice(at * maxBatchUsers, (at + 1) * maxBatchUsers));
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
