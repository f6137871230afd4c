/** Creates or replaces a user for the form: on the server without JavaScript, in the browser with it. */
import type { Messages } from '../i18n/index.ts';
import type { Api, ApiFailure, Result } from './api-client.ts';
import { type User, versionTag } from './api-types.ts';
import { newIdempotencyKey } from './idempotency-key.ts';
import { checkEmail, checkName, emailKey, type Faults, faultsOf } from './user-fields.ts';

/** The fields of the form. */
export interface Values {
  name: string;
  email: string;
}

/** A submission of the form. */
export interface Draft {
  values: Values;
  /** The user to replace; without it a new user is created. */
  id?: number;
  /** The version that the reader saw. */
  version?: number;
  /** The Idempotency-Key: a repeated attempt with it does not create a second user. */
  key: string;
}

/** The outcome of a submission, for the form to show. */
export type SaveOutcome =
  | { kind: 'done'; user: User }
  | { kind: 'faults'; faults: Faults }
  /** Another user has the e-mail. `owner` is undefined if the search for that user failed. */
  | { kind: 'taken'; faults: Faults; owner: User | undefined }
  /** Somebody changed the user after the reader saw it. */
  | { kind: 'stale'; current: User }
  | { kind: 'gone' }
  | { kind: 'failure'; failure: ApiFailure };

/** Checks a draft and sends it. Without a version it overwrites the user in any version. */
export async function save(api: Api, draft: Draft, texts: Messages['field']): Promise<SaveOutcome> {
  const { id, key } = draft;
  const values = { name: draft.values.name.trim(), email: draft.values.email.trim() };
  const faults = check(values, texts);
  if (faults) return { kind: 'faults', faults };
  const tag = draft.version === undefined ? '' : versionTag(draft.version);
  const result = id === undefined ? await create(api, values, key) : await api.replace(id, values, tag);
  if (result.ok) return { kind: 'done', user: result.answer.body };

  const { failure } = result;
  if (failure.kind !== 'problem') return { kind: 'failure', failure };
  if (failure.status === 409) {
    return {
      kind: 'taken',
      faults: faultsOf(failure.problem, values, texts),
      owner: await findOwner(api, values.email),
    };
  }
  if (failure.status === 412 && id !== undefined) return stale(api, id, values);
  if (failure.status === 404 && id !== undefined) return { kind: 'gone' };
  const found = faultsOf(failure.problem, values, texts);
  if (Object.keys(found).length > 0) return { kind: 'faults', faults: found };
  return { kind: 'failure', failure };
}

/** An earlier attempt, whose answer was lost, may have used the key for other values. Those belong to another user. */
async function create(api: Api, values: Values, key: string): Promise<Result<User>> {
  const result = await api.create(values, key);
  const reused = !result.ok && result.failure.kind === 'problem' && result.failure.status === 422;
  return reused ? api.create(values, newIdempotencyKey()) : result;
}

function check(values: Values, texts: Messages['field']): Faults | undefined {
  const name = checkName(values.name);
  const email = checkEmail(values.email);
  if (!name && !email) return undefined;
  return { ...(name && { name: texts[name] }), ...(email && { email: texts[email] }) };
}

/** Reads the current user. If it has our values, an earlier attempt succeeded and only its answer was lost. */
async function stale(api: Api, id: number, values: Values): Promise<SaveOutcome> {
  const result = await api.get(id);
  if (result.ok) {
    const current = result.answer.body;
    return isSame(current, values) ? { kind: 'done', user: current } : { kind: 'stale', current };
  }
  const { failure } = result;
  if (failure.kind === 'problem' && failure.status === 404) return { kind: 'gone' };
  return { kind: 'failure', failure };
}

/** Whether two users have the same fields. */
export function isSame(a: Values, b: Values): boolean {
  return a.name === b.name && a.email === b.email;
}

/** @returns the user with this e-mail; undefined if the search fails or finds none */
export async function findOwner(api: Pick<Api, 'list'>, email: string): Promise<User | undefined> {
  const result = await api.list(new URLSearchParams({ q: email, limit: '20' }).toString());
  if (!result.ok) return undefined;
  return result.answer.body.users.find((user) => emailKey(user.email) === emailKey(email));
}
