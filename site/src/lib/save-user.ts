/** Creates or replaces a user: the form's one way of doing so, on the server and in the browser. */
import type { Messages } from '../i18n/index.ts';
import type { Api, ApiFailure, Result } from './api-client.ts';
import { type User, versionTag } from './api-types.ts';
import { newIdempotencyKey } from './idempotency-key.ts';
import { checkEmail, checkName, emailKey, type Faults, faultsOf } from './user-fields.ts';

export interface Values {
  name: string;
  email: string;
}

export interface Draft {
  values: Values;
  /** Whom it changes; a new user if missing. */
  id?: number;
  /** The version that the reader saw. */
  version?: number;
  /** Makes a second attempt at creating harmless. */
  key: string;
}

export type SaveOutcome =
  | { kind: 'done'; user: User }
  | { kind: 'faults'; faults: Faults }
  /** Somebody has the e-mail; `owner` is who, if that could be found out. */
  | { kind: 'taken'; faults: Faults; owner: User | undefined }
  /** Somebody changed the user since it was shown. */
  | { kind: 'stale'; current: User }
  | { kind: 'gone' }
  | { kind: 'failure'; failure: ApiFailure };

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

/** An attempt whose answer was lost may have used up the key; whoever changed the text since means another user. */
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

/** What stands there now. It may be what we wrote ourselves, in an attempt whose answer was lost. */
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

export function isSame(a: Values, b: Values): boolean {
  return a.name === b.name && a.email === b.email;
}

/** Who has an e-mail, as far as a search tells. */
export async function findOwner(api: Pick<Api, 'list'>, email: string): Promise<User | undefined> {
  const result = await api.list(new URLSearchParams({ q: email, limit: '20' }).toString());
  if (!result.ok) return undefined;
  return result.answer.body.users.find((user) => emailKey(user.email) === emailKey(email));
}
