/** Does what the forms of the page of people ask for. */
import { isRole, type Role, roles } from '../../../../functions/lib/accounts/roles.ts';
import { type Api, type ApiFailure, type Result, statusOf } from '../../lib/api-client.ts';
import { parsePositiveInteger, textOf } from '../../lib/form-data.ts';

export { roles };

/** A person, as the API shows one. */
export interface Person {
  id: number;
  name: string;
  email: string | null;
  role: Role;
  isDisabled: boolean;
  hasPassword: boolean;
  /** ISO 8601; null for somebody who has never signed in. */
  signedInAt: string | null;
}

/** A link of the API. */
interface Link {
  token: string;
  expiresAt: string;
}

/** The faults that the page has a sentence for. */
type PeopleFault = 'name' | 'email' | 'taken' | 'lastAdministrator' | 'tooMany' | 'gone' | 'invalid';

/** The values that a person has typed into the form of an invitation. The page shows them again. */
interface Given {
  name: string;
  email: string;
  role: Role;
}

/** `link`: a link for a person, which nobody can see again. */
export type PeopleOutcome =
  | { kind: 'changed' }
  | ({ kind: 'link'; name: string } & Link)
  | { kind: 'fault'; status: number; fault: PeopleFault; given?: Given }
  | { kind: 'failure'; status: number; failure: ApiFailure; given?: Given };

/** @param form the field `action`, and those that it needs */
export async function actOnPeople(api: Pick<Api, 'ask'>, form: FormData): Promise<PeopleOutcome> {
  const name = textOf(form, 'name');
  const role = textOf(form, 'role');
  const action = textOf(form, 'action');
  if (action === 'invite') {
    if (!isRole(role)) return { kind: 'fault', status: 422, fault: 'invalid' };
    const email = textOf(form, 'email').trim();
    const body = { name, role, ...(email !== '' && { email }) };
    const result = await api.ask<{ person: Person; link: Link }>('/people', { method: 'POST', body });
    if (result.ok) return { kind: 'link', ...result.answer.body.link, name: result.answer.body.person.name };
    return { ...outcomeOf(result.failure), given: { name, email, role } };
  }
  const id = parsePositiveInteger(textOf(form, 'id')) ?? 0;
  if (action === 'link') {
    const result = await api.ask<Link>(`/people/${id}/links`, { method: 'POST' });
    return result.ok ? { kind: 'link', ...result.answer.body, name } : outcomeOf(result.failure);
  }
  const patch = patchOf(action, role);
  if (!patch) return { kind: 'fault', status: 422, fault: 'invalid' };
  const result: Result<unknown> = await api.ask(`/people/${id}`, { method: 'PATCH', body: patch });
  return result.ok ? { kind: 'changed' } : outcomeOf(result.failure);
}

function patchOf(action: string, role: string): { role: Role } | { isDisabled: boolean } | undefined {
  if (action === 'role') return isRole(role) ? { role } : undefined;
  if (action === 'disable' || action === 'enable') return { isDisabled: action === 'disable' };
  return undefined;
}

function outcomeOf(failure: ApiFailure): PeopleOutcome & { kind: 'fault' | 'failure' } {
  const status = statusOf(failure);
  const { type = '', errors = [] } = failure.kind === 'problem' ? failure.problem : {};
  const faults: [boolean, PeopleFault][] = [
    [type.endsWith(':last-administrator'), 'lastAdministrator'],
    [type.endsWith(':too-many-people'), 'tooMany'],
    [type.endsWith(':name-taken'), 'taken'],
    [status === 404, 'gone'],
    [errors.some(({ field }) => field === 'name'), 'name'],
    [errors.some(({ field }) => field === 'email'), 'email'],
    [status === 400, 'invalid'],
  ];
  const fault = faults.find(([holds]) => holds)?.[1];
  return fault ? { kind: 'fault', status: status === 400 ? 422 : status, fault } : { kind: 'failure', status, failure };
}
