/** Decides whether a visitor may see a page, or use a route beside the pages, while AUTH is on. */
import type { ServerResponse } from 'node:http';
import { type Role, suffices } from '../../../../functions/lib/accounts/roles.ts';
import { type Api, type ApiFailure, statusOf } from '../../lib/api-client.ts';
import { sendText } from '../responses.ts';
import { settings } from '../settings.ts';
import type { Access } from './page-roles.ts';
import { type Person, type Recognition, recognize } from './recognize.ts';

/** Why a visitor is not admitted: without a valid session, without the role, or because the API can't tell. */
export type Refusal =
  | { kind: 'nobody'; status: 401 }
  | { kind: 'role'; status: 403; needed: Role; role: Role }
  | { kind: 'unknown'; status: number; failure: ApiFailure };

/** @returns undefined if the visitor is admitted */
export function refusalOf(visitor: Recognition, needed: Access): Refusal | undefined {
  if (needed === 'public') return undefined;
  if (visitor.kind === 'nobody') return { kind: 'nobody', status: 401 };
  if (visitor.kind === 'unknown') return { ...visitor, status: statusOf(visitor.failure) };
  const { role } = visitor.person;
  return suffices(role, needed) ? undefined : { kind: 'role', status: 403, needed, role };
}

const texts = {
  nobody: 'You are not signed in, or your session has ended. Sign in on a page of this site.',
  role: 'Your role does not allow this.',
  unknown: 'The API cannot say who you are. Try again later.',
};

/**
 * Admits a visitor to a route that is not a page, or answers with the reason.
 * @param api the client that sends the token
 * @param session the token of the visitor's session
 * @param answerNobody answers a visitor without a session; without it, a text tells programs
 * @returns undefined if the response is answered or closed; otherwise the person, who is undefined while AUTH is off
 */
export async function admitToRoute(
  response: ServerResponse,
  api: Pick<Api, 'ask'>,
  session: string | undefined,
  needed: Role,
  answerNobody?: (response: ServerResponse) => void,
): Promise<{ person: Person | undefined } | undefined> {
  if (!settings.auth) return { person: undefined };
  const visitor = await recognize(api, session);
  if (response.closed) return undefined;
  const refusal = refusalOf(visitor, needed);
  if (refusal?.kind === 'nobody' && answerNobody) answerNobody(response);
  else if (refusal) sendText(response, refusal.status, texts[refusal.kind]);
  return visitor.kind === 'person' && !refusal ? { person: visitor.person } : undefined;
}
