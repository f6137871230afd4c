/** Creates or replaces a user for the form: on the server without JavaScript, in the browser with it. */
import type { Messages } from '../i18n/index.ts';
import type { Api, ApiFailure, Result } from './api-client.ts';
import { type User, versionTag } from './api-types.ts';
import { newIdempotencyKey } from './idempotency-key.ts';
import { mergeUser, type Values } from './merge-user.ts';
import { checkField, cleanField, emailKey, type Faults, type FieldName, faultsOf } from './user-fields.ts';

/** A submission of the form. */
export interface Draft {
  values: Values;
  /** The user to replace; without it a new user is created. */
  id?: number;
  /** The version that the reader saw. */
  version?: number;
  /** The values of that version. Without them, a difference to another change is always a conflict. */
  seen?: Values | undefined;
  /** The Idempotency-Key: a repeated attempt with it does not create a second user. */
  key: string;
}

/** A user as the reader first saw it. The times are unknown after a submission whose page could not read the user again. */
export type SeenUser = Values & Pick<User, 'id' | 'version'> & Partial<User>;

/** The outcome of a submission, for the form to show. */
export type SaveOutcome =
  /** `theirs` names the fields whose new values come from another person and were kept. */
  | { kind: 'done'; user: User; theirs?: FieldName[] }
  | { kind: 'faults'; faults: Faults }
  /** Another user has the e-mail. `owner` is undefined if the search for that user failed. */
  | { kind: 'taken'; faults: Faults; owner: User | undefined }
  /** Somebody changed the same fields after the reader saw them. `values` holds all other changes of both people. */
  | { kind: 'stale'; current: User; values: Values; fields: FieldName[] }
  | { kind: 'gone' }
  | { kind: 'failure'; failure: ApiFailure };

/** Checks a draft and sends it. Without a version it overwrites the user in any version. */
export async function save(api: Api, draft: Draft, texts: Messages['field']): Promise<SaveOutcome> {
  const { id, key } = draft;
  const values = { name: clean(draft, 'name'), email: clean(draft, 'email') };
  // A stored text that breaks the rules of today may stay. Only the API knows what is stored, so it checks a change alone.
  const faults = id === undefined && check(values, texts);
  if (faults) return { kind: 'faults', faults };
  const tag = draft.version === undefined ? '' : versionTag(draft.version);
  const result = id === undefined ? await create(api, values, key) : await api.replace(id, values, tag);
  if (result.ok) return { kind: 'done', user: result.answer.body };

  const { failure } = result;
  if (failure.kind !== 'problem') return { kind: 'failure', failure };
  if (failure.status === 409) {
    return {
      kind: 'taken',
      faults: faultsOf(failure.problem, texts),
      owner: await findOwner(api, values.email),
    };
  }
  if (failure.status === 412 && id !== undefined) return merge(api, { ...draft, values, id }, texts);
  if (failure.status === 404 && id !== undefined) return { kind: 'gone' };
  const found = faultsOf(failure.problem, texts);
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
  const name = checkField('name', values.name);
  const email = checkField('email', values.email);
  if (!name && !email) return undefined;
  return { ...(name && { name: texts[name] }), ...(email && { email: texts[email] }) };
}

/**
 * Merges the draft with the change that came before it, and saves both if they do not contradict each other. Where the current
 * user has our values already, an earlier attempt succeeded and only its answer was lost.
 */
async function merge(api: Api, draft: Draft & { id: number }, texts: Messages['field']): Promise<SaveOutcome> {
  const result = await api.get(draft.id);
  if (!result.ok) {
    const { failure } = result;
    if (failure.kind === 'problem' && failure.status === 404) return { kind: 'gone' };
    return { kind: 'failure', failure };
  }
  const current = result.answer.body;
  const { values, conflicts, theirs } = mergeUser(draft.seen, draft.values, current);
  if (conflicts.length > 0) return { kind: 'stale', current, values, fields: conflicts };
  if (isSame(values, current)) return { kind: 'done', user: current, theirs };
  // Every further round needs one more change by somebody else, so the rounds end.
  const saved = await save(api, { ...draft, values, version: current.version, seen: current }, texts);
  return saved.kind === 'done' ? { ...saved, theirs: [...new Set([...theirs, ...(saved.theirs ?? [])])] } : saved;
}

/** @returns the text as the API would store it; one that may be stored already stays as it is */
function clean({ id, seen, values }: Draft, field: FieldName): string {
  const text = values[field].trim();
  const mayBeStored = id !== undefined && (seen === undefined || seen[field] === text);
  return mayBeStored ? text : cleanField(field, text);
}

/** Whether two users have the same fields. */
export function isSame(a: Values, b: Values): boolean {
  return a.name === b.name && a.email === b.email;
}

/** @returns the user with this e-mail; undefined if the search fails or finds none */
async function findOwner(api: Pick<Api, 'list'>, email: string): Promise<User | undefined> {
  const result = await api.list(new URLSearchParams({ q: emailKey(email), limit: '20' }).toString());
  if (!result.ok) return undefined;
  return result.answer.body.users.find((user) => emailKey(user.email) === emailKey(email));
}
