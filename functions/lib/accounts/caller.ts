/** Tells handlers of account routes who calls. They refuse while AUTH is off: otherwise everybody could make an administrator. */
import type { Request } from 'lambda-api';
import { type Actor, actorOf } from '../actor.ts';
import { eventOf } from '../http/event.ts';
import { AccountsOff, PersonNeeded } from './account-errors.ts';
import type { Administrator } from './administrator.ts';
import { credentialOf } from './authenticator.ts';
import { parseCredential } from './credentials.ts';
import { isRole, type Role } from './roles.ts';

/** A person, and the session of the request. */
export interface SignedIn {
  readonly personId: number;
  readonly sessionId: string;
}

/**
 * @returns the caller that the authorizer has recognized
 * @throws {AccountsOff} when no authorizer has checked the request
 */
export function callerOf(request: Request): Actor {
  const actor = actorOf(eventOf(request));
  if (actor.kind === 'anonymous') throw new AccountsOff();
  return actor;
}

/**
 * @returns the caller of a route that needs an administrator; the change has to look whether the caller still is one
 * @throws {AccountsOff}
 */
export function administratorOf(request: Request): Administrator {
  return { actor: callerOf(request), credential: parseCredential(credentialOf(request.headers) ?? '') };
}

/**
 * @returns the person who calls
 * @throws {AccountsOff}
 * @throws {PersonNeeded} when the caller has no session here
 */
export function signedInOf(request: Request): SignedIn {
  const { id } = callerOf(request);
  const credential = parseCredential(credentialOf(request.headers) ?? '');
  if (credential?.kind !== 'session') throw new PersonNeeded();
  return { personId: Number(id), sessionId: credential.id };
}

interface AuthorizedEvent {
  readonly requestContext?: { readonly authorizer?: { readonly lambda?: { readonly role?: unknown } | null } };
}

/** @returns the caller's role; null where no authorizer has checked the request */
export function roleOf(event: object): Role | null {
  const role = (event as AuthorizedEvent).requestContext?.authorizer?.lambda?.role;
  return isRole(role) ? role : null;
}
