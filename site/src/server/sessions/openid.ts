/**
 * Signs a person in by OpenID Connect. The API speaks the protocol. Meanwhile a cookie of the browser keeps the ticket of the
 * sign-in, so that nobody can finish it in another browser.
 * @see infra/docs/decisions/056-openid-connect.md
 */
import type { APIContext } from 'astro';
import { isLanguage, type Language, localPath } from '../../i18n/index.ts';
import { statusOf } from '../../lib/api-client.ts';
import { addressAfterSignIn, beginSession, type NewSession } from './begin-session.ts';

/** A sign-in that has begun, as the API answers. */
interface BegunSignIn {
  /** The page of the provider. */
  url: string;
  ticket: string;
  /** ISO 8601. */
  expiresAt: string;
}

/** Why a sign-in by the provider has not worked; the sign-in page says it. */
const reasons = ['failed', 'refused', 'away'] as const;
type OpenIdReason = (typeof reasons)[number];

/** Browsers drop a cookie of more than 4096 bytes. */
const maxNextCharacters = 1000;

type Visit = Pick<APIContext, 'cookies' | 'locals' | 'url' | 'redirect'>;

/** @returns the reason that the address of the sign-in page names */
export function openIdReason(text: string | null): OpenIdReason | undefined {
  return reasons.find((one) => one === text);
}

/** @param next the address to which the reader returns afterwards @returns the address that begins a sign-in */
export function openIdAddress(language: Language, next: string | null): string {
  const page = localPath(language, '/sign-in/openid');
  return next ? `${page}?${new URLSearchParams({ next })}` : page;
}

/** Sends the browser to the page of the provider. */
export async function beginOpenId({ cookies, locals, url, redirect }: Visit): Promise<Response> {
  const { language, isSecure, api } = locals;
  const next = url.searchParams.get('next') ?? '';
  const result = await api.ask<BegunSignIn>('/sessions/openid/begin', { method: 'POST' });
  if (!result.ok) return redirect(failed(language, 'away', next), 303);
  const { url: page, ticket, expiresAt } = result.answer.body;
  const kept = next.length > maxNextCharacters ? '' : next;
  cookies.set(nameOf(isSecure), `${ticket}~${language}~${kept}`, {
    ...attributes(isSecure),
    expires: new Date(expiresAt),
  });
  return redirect(page, 303);
}

/** Begins the session of a person whom the provider has sent back. */
export async function finishOpenId(visit: Visit): Promise<Response> {
  const { cookies, locals, url, redirect } = visit;
  const name = nameOf(locals.isSecure);
  const [ticket = '', kept, ...rest] = (cookies.get(name)?.value ?? '').split('~');
  // A ticket serves one attempt.
  cookies.delete(name, attributes(locals.isSecure));
  const language = isLanguage(kept) ? kept : locals.language;
  const next = rest.join('~');
  if (ticket === '') return redirect(failed(language, 'failed', next), 303);
  const body = { ticket, query: url.search.slice(1) };
  const result = await locals.api.ask<NewSession>('/sessions/openid', { method: 'POST', body });
  if (result.ok) {
    await beginSession(visit, result.answer.body);
    return redirect(addressAfterSignIn(next, language), 303);
  }
  const status = statusOf(result.failure);
  const reason = status === 403 || status === 409 ? 'refused' : status < 500 && status !== 429 ? 'failed' : 'away';
  return redirect(failed(language, reason, next), 303);
}

function failed(language: Language, reason: OpenIdReason, next: string): string {
  return `${localPath(language, '/sign-in')}?${new URLSearchParams({ openid: reason, ...(next && { next }) })}`;
}

function nameOf(isSecure: boolean): string {
  return isSecure ? '__Host-cadastro-openid' : 'cadastro-openid';
}

/** The provider's page leads back by a link, with which browsers send no cookie that is SameSite=Strict. */
function attributes(isSecure: boolean) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure } as const;
}
