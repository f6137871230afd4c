/**
 * Begins and ends the session of a browser. Each way to sign in ends with `beginSession`: the password's is `sign-in.astro`.
 */
import type { AstroCookies } from 'astro';
import { barePath, type Language, localPath } from '../../i18n/index.ts';
import { type Api, type ApiFailure, type Result, statusOf } from '../../lib/api-client.ts';
import { localAddress } from '../../lib/local-address.ts';
import { removeSessionCookie, setSessionCookie } from './session-cookie.ts';

/** The API's answer to a sign-in. */
export interface NewSession {
  token: string;
  /** ISO 8601. */
  expiresAt: string;
}

/** The parts of a page's context that a session needs. */
interface Visit {
  cookies: AstroCookies;
  locals: Pick<App.Locals, 'api' | 'isSecure' | 'hasSession'>;
}

/** Asks the API for a session by name and password. */
export function signInByPassword(api: Pick<Api, 'ask'>, name: string, password: string): Promise<Result<NewSession>> {
  return api.ask<NewSession>('/sessions', { method: 'POST', body: { name, password } });
}

/**
 * Gives the browser the cookie of a new session, and ends the session that it had: a token from before the sign-in, which an
 * attacker may know, works no more (session fixation).
 */
export async function beginSession({ cookies, locals }: Visit, { token, expiresAt }: NewSession): Promise<void> {
  // The old session may have ended by itself, so that the API refuses.
  if (locals.hasSession) await locals.api.ask('/sessions/current', { method: 'DELETE' });
  setSessionCookie(cookies, locals.isSecure, token, expiresAt);
}

/**
 * Ends the session of the browser at the API, and then removes its cookie.
 * @param everywhere whether the person's other sessions end, too
 * @returns why it did not end. The browser then keeps the cookie, without which nobody could end the session. A session that has
 *   ended before cannot end the others.
 */
export async function endSession({ cookies, locals }: Visit, everywhere: boolean): Promise<ApiFailure | undefined> {
  const result = await locals.api.ask(everywhere ? '/sessions' : '/sessions/current', { method: 'DELETE' });
  if (!result.ok && (everywhere || statusOf(result.failure) !== 401)) return result.failure;
  removeSessionCookie(cookies, locals.isSecure);
  return undefined;
}

/**
 * @param text where the reader wanted to go, from outside
 * @returns an address of this site; the list for any other text, and for the pages that begin and end sessions
 */
export function addressAfterSignIn(text: string | null, language: Language): string {
  const address = localAddress(text ?? '');
  const path = barePath(address.split(/[?#]/, 1)[0] ?? '');
  return address === '/' || /^\/(?:sign-|link|api\/)/.test(path) ? localPath(language, '/') : address;
}

/** @param target the address to which the reader returns afterwards: path and query */
export function signInAddress(language: Language, target: string): string {
  const page = localPath(language, '/sign-in');
  return barePath(target) === '/' ? page : `${page}?${new URLSearchParams({ next: target })}`;
}
