/** Asks the API whom a session belongs to. */
import { isRole, type Role } from '../../../../functions/lib/accounts/roles.ts';
import type { Api, ApiFailure } from '../../lib/api-client.ts';

/** A person who is signed in. */
export interface Person {
  id: string;
  name: string;
  role: Role;
}

/** Whom a request comes from. `unknown`: the API could not tell. */
export type Recognition =
  | { kind: 'person'; person: Person }
  | { kind: 'nobody' }
  | { kind: 'unknown'; failure: ApiFailure };

/**
 * Asks for each request, and keeps no answer: a person whose role was lowered must not see more for longer than `AUTH_CACHE_MS`, for
 * which the API's gateway keeps it.
 * @param api the client that sends the token
 * @param token of the session; undefined without one
 */
export async function recognize(api: Pick<Api, 'ask'>, token: string | undefined): Promise<Recognition> {
  if (token === undefined) return { kind: 'nobody' };
  const result = await api.ask<{ id?: unknown; name?: unknown; role?: unknown }>('/me');
  if (!result.ok) {
    const { failure } = result;
    return failure.kind === 'problem' && failure.status === 401 ? { kind: 'nobody' } : { kind: 'unknown', failure };
  }
  const { id, name, role } = result.answer.body;
  // An API whose AUTH is off knows nobody, and a page must not take that for a right.
  if (typeof id !== 'string' || typeof name !== 'string' || !isRole(role)) return { kind: 'nobody' };
  return { kind: 'person', person: { id, name, role } };
}
