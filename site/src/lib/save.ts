/** Creates or replaces a user: the form's one way of doing so, on the server and in the browser. */
import type { Messages } from '../i18n/index.ts';
import { type Api, isPassing, type Result, type Trouble } from './api.ts';
import { checkEmail, checkName, emailKey, type Faults, faultsOf } from './fields.ts';
import { newKey } from './key.ts';
import { type User, versionTag } from './users.ts';

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

export type Outcome =
  | { kind: 'done'; user: User }
  | { kind: 'faults'; faults: Faults }
  /** Somebody has the e-mail; `owner` is who, if that could be found out. */
  | { kind: 'taken'; faults: Faults; owner: User | undefined }
  /** Somebody changed the user since it was shown. */
  | { kind: 'stale'; current: User }
  | { kind: 'gone' }
  | { kind: 'trouble'; trouble: Trouble; passing: boolean };

export async function save(api: Api, draft: Draft, texts: Messages['field']): Promise<Outcome> {
  const { id, key } = draft;
  const values = { name: draft.values.name.trim(), email: draft.values.email.trim() };
  const faults = check(values, texts);
  if (faults) return { kind: 'faults', faults };
  const tag = draft.version === undefined ? '' : versionTag(draft.version);
  const result = id === undefined ? await create(api, values, key) : await api.replace(id, values, tag);
  if (result.ok) return { kind: 'done', user: result.answer.body };

  const { trouble } = result;
  if (trouble.kind !== 'problem') return { kind: 'trouble', trouble, passing: true };
  if (trouble.status === 409) {
    return {
      kind: 'taken',
      faults: faultsOf(trouble.problem, values, texts),
      owner: await findOwner(api, values.email),
    };
  }
  if (trouble.status === 412 && id !== undefined) return stale(api, id, values);
  if (trouble.status === 404 && id !== undefined) return { kind: 'gone' };
  const found = faultsOf(trouble.problem, values, texts);
  if (Object.keys(found).length > 0) return { kind: 'faults', faults: found };
  return { kind: 'trouble', trouble, passing: isPassing(trouble) };
}

/** An attempt whose answer was lost may have used up the key; whoever changed the text since means another user. */
async function create(api: Api, values: Values, key: string): Promise<Result<User>> {
  const result = await api.create(values, key);
  const reused = !result.ok && result.trouble.kind === 'problem' && result.trouble.status === 422;
  return reused ? api.create(values, newKey()) : result;
}

function check(values: Values, texts: Messages['field']): Faults | undefined {
  const name = checkName(values.name);
  const email = checkEmail(values.email);
  if (!name && !email) return undefined;
  return { ...(name && { name: texts[name] }), ...(email && { email: texts[email] }) };
}

/** What stands there now. It may be what we wrote ourselves, in an attempt whose answer was lost. */
async function stale(api: Api, id: number, values: Values): Promise<Outcome> {
  const result = await api.get(id);
  if (result.ok) {
    const current = result.answer.body;
    return isSame(current, values) ? { kind: 'done', user: current } : { kind: 'stale', current };
  }
  const { trouble } = result;
  if (trouble.kind === 'problem' && trouble.status === 404) return { kind: 'gone' };
  return { kind: 'trouble', trouble, passing: isPassing(trouble) };
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
