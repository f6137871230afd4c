/**
 * The cookie that carries the token of a session. No page and no script gets the token.
 *
 * SameSite=Lax and not Strict: a link in a mail or a chat opens the page for a person who is signed in, and so does the way back
 * from a provider of OpenID Connect. Another site can't use the cookie to change anything, because `origin.ts` refuses its requests.
 * @see infra/docs/decisions/055-sessions-of-the-site.md
 */
import type { AstroCookies } from 'astro';

const name = 'cadastro-session';
const tokenForm = /^cads_[0-9a-f]{16}_[\w-]{43}$/;

/** Over TLS the prefix keeps other hosts of the domain, and pages without TLS, from setting the cookie (session fixation). */
function nameOf(isSecure: boolean): string {
  return isSecure ? `__Host-${name}` : name;
}

/**
 * Reads the token out of the Cookie header.
 * @param isSecure whether the request came over TLS
 * @returns undefined without a token, and with several different ones: one of them may be an attacker's
 */
export function sessionTokenOf(cookieHeader: string | undefined, isSecure: boolean): string | undefined {
  const prefix = `${nameOf(isSecure)}=`;
  const found = new Set<string>();
  for (const part of cookieHeader?.split(';') ?? []) {
    const cookie = part.trim();
    if (cookie.startsWith(prefix)) found.add(cookie.slice(prefix.length));
  }
  const [token = ''] = found;
  return found.size === 1 && tokenForm.test(token) ? token : undefined;
}

/** @param expiresAt the end of the session (ISO 8601) */
export function setSessionCookie(cookies: AstroCookies, isSecure: boolean, token: string, expiresAt: string): void {
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure } as const;
  cookies.set(nameOf(isSecure), token, { ...attributes, expires: new Date(expiresAt) });
}

export function removeSessionCookie(cookies: AstroCookies, isSecure: boolean): void {
  // Browsers ignore a cookie with the prefix that is not Secure, also one that removes it.
  cookies.delete(nameOf(isSecure), { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure });
}
