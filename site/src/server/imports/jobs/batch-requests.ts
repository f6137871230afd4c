/** The requests of a job to the API, which takes up to a thousand users at once. */
import type { Api, Result } from '../../../lib/api-client.ts';
import { type User, versionTag } from '../../../lib/api-types.ts';
import type { ApiFault } from './job.ts';

/** The most users that the API takes in one request. */
export const batchSize = 1_000;

/** A user to create or to update. */
export interface BatchUser {
  name: string;
  email: string;
}

/** The result for one user of a batch. `previous` has the values before an update, and is missing if nothing changed. */
export interface BatchResult {
  status: number;
  id?: number;
  version?: number;
  previous?: { name: string; email: string };
  errors?: ApiFault[];
}

interface BatchAnswer {
  results: BatchResult[];
}

/** `isReplayed` tells that an earlier request with the same key did the work. */
type WriteAnswer = BatchAnswer & { isReplayed: boolean };

/** The requests that a job sends to the API. */
export interface BatchRequests {
  /** Says what the API would do with the users, and writes nothing. */
  validate(users: BatchUser[]): Promise<Result<BatchAnswer>>;
  /** Creates the users, and updates those that exist if `existing` says so. A repeated key changes nothing. */
  write(users: BatchUser[], existing: 'refuse' | 'update', key: string): Promise<Result<WriteAnswer>>;
  /** Deletes the users that still have this version and e-mail. A repeated key gets the first answer again. */
  remove(users: { id: number; version: number; email: string }[], key: string): Promise<Result<BatchAnswer>>;
  /** Gives a user that still has this version other values. */
  restore(id: number, version: number, values: BatchUser): Promise<Result<User>>;
  get(id: number): Promise<Result<User>>;
}

/** @param api a client whose time-out is long enough for a thousand users */
export function createBatchRequests(api: Pick<Api, 'ask' | 'get' | 'replace'>): BatchRequests {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    api.ask<BatchAnswer>(path, { method: 'POST', body, headers });
  return {
    validate: (users) => post('/users/batch', { users, existing: 'update', validateOnly: true }),
    write: async (users, existing, key) => {
      const result = await post('/users/batch', { users, existing }, { 'idempotency-key': key });
      if (!result.ok) return result;
      const { body, headers } = result.answer;
      const isReplayed = headers.get('idempotency-replayed') === 'true';
      return { ok: true, answer: { ...result.answer, body: { ...body, isReplayed } } };
    },
    remove: (users, key) => post('/users/batch-delete', { users }, { 'idempotency-key': key }),
    restore: (id, version, values) => api.replace(id, values, versionTag(version)),
    get: (id) => api.get(id),
  };
}
