/**
 * Prepares every page on the site server: its language, theme, time zone, flash message, API client and the person who is signed
 * in. It decides where a first visit goes, and which pages a visitor may see.
 */
import { defineMiddleware, sequence } from 'astro:middleware';
import { suffices } from '../../functions/lib/accounts/roles.ts';
import { formatLocale } from './i18n/format-locale.ts';
import { barePath, defaultLanguage, isLanguage, languages, localPath, preferredLanguage } from './i18n/index.ts';
import { takeFlash } from './lib/flash.ts';
import { localAddress } from './lib/local-address.ts';
import { isTheme } from './lib/theme.ts';
import { canonicalTimeZone } from './lib/time-zone.ts';
import { clientKeyHeader, sessionHeader } from './server/client-address.ts';
import { rememberedImport } from './server/import-pages.ts';
import { apiFor } from './server/server-api.ts';
import { refusalOf } from './server/sessions/admit.ts';
import { signInAddress } from './server/sessions/begin-session.ts';
import { isAccountPage, isForScripts, keepsTypedText, neededRole } from './server/sessions/page-roles.ts';
import { recognize } from './server/sessions/recognize.ts';
import { settings } from './server/settings.ts';
import { traceOf } from './server/trace-headers.ts';

/** The pages to which people come from outside. They open in the language of the reader. */
const entrances = ['/', '/link', '/sign-in'];
const yearSeconds = 31_536_000;

/**
 * Keeps answers out of caches, also redirects: the Back button must not show a page again after its reader has signed out, and a
 * redirect of that time would lead back and forth for the next reader.
 */
const keepFromCaches = defineMiddleware(async (_, next) => {
  const response = await next();
  response.headers.set('cache-control', settings.auth ? 'private, no-store' : 'private, no-cache');
  response.headers.set('vary', 'accept-language, cookie, sec-fetch-site');
  return response;
});

const prepare = defineMiddleware(async (context, next) => {
  const { cookies, params, request, url, locals } = context;
  const language = context.currentLocale;
  locals.language = isLanguage(language) ? language : defaultLanguage;
  const catalogue = languages[locals.language];
  locals.t = { ...catalogue, locale: formatLocale(catalogue.locale, request.headers.get('accept-language')) };
  const theme = cookies.get('theme')?.value;
  locals.theme = isTheme(theme) ? theme : 'auto';
  locals.timeZone = canonicalTimeZone(cookies.get('zone')?.value);
  // `server/routes.ts` has replaced what the client sent in these headers.
  locals.client = request.headers.get(clientKeyHeader) ?? '';
  locals.isSecure = request.headers.get('x-forwarded-proto') === 'https';
  const session = request.headers.get(sessionHeader) ?? undefined;
  locals.hasSession = session !== undefined;
  locals.api = apiFor(request.headers.get('x-forwarded-for') ?? '', locals.client, session, traceOf(request.headers));
  // A rewrite runs this function again, for the page that stands in the place of the one that was asked for.
  locals.address ??= url.pathname + url.search;
  locals.person = undefined;
  locals.may = () => !settings.auth;

  // The header's language switch links to `?lang=…`. The cookie makes that choice win over Accept-Language later.
  const chosen = url.searchParams.get('lang');
  if (isLanguage(chosen)) {
    cookies.set('lang', chosen, { path: '/', maxAge: yearSeconds, sameSite: 'lax', httpOnly: true });
    const rest = new URLSearchParams(url.searchParams);
    rest.delete('lang');
    return context.redirect(localAddress(localPath(chosen, barePath(url.pathname)) + queryOf(rest)), 303);
  }
  // Only a visit from outside is redirected: links within the site already carry the reader's language.
  const isEntrance = entrances.includes(url.pathname) && !url.searchParams.has('next');
  if (isEntrance && request.method === 'GET' && request.headers.get('sec-fetch-site') !== 'same-origin') {
    const kept = cookies.get('lang')?.value;
    const wanted = isLanguage(kept) ? kept : preferredLanguage(request.headers.get('accept-language'));
    if (wanted !== defaultLanguage)
      return context.redirect(localPath(wanted, url.pathname) + queryOf(url.searchParams), 302);
  }
  if (params.locale !== undefined && !isLanguage(params.locale)) {
    const meant = params.locale.toLowerCase();
    if (!isLanguage(meant)) return context.rewrite('/404');
    const path = barePath(url.pathname.replace(`/${params.locale}`, `/${meant}`));
    return context.redirect(localAddress(localPath(meant, path) + url.search), 308);
  }

  if (settings.auth) {
    const visitor = await recognize(locals.api, session);
    const person = visitor.kind === 'person' ? visitor.person : undefined;
    locals.person = person;
    const refusal = refusalOf(visitor, neededRole(context.routePattern, request.method));
    // While the API can't tell who sends a form, it refuses the form as well, and the page gives the typed text back.
    const isKept = refusal?.kind === 'unknown' && request.method === 'POST' && keepsTypedText(context.routePattern);
    if (!isKept) locals.refusal ??= refusal;
    locals.may = (role) => isKept || (person !== undefined && suffices(person.role, role));
  } else if (isAccountPage(context.routePattern)) return context.rewrite('/404');
  if (locals.refusal && isForScripts(context.routePattern)) {
    return Response.json(null, { status: locals.refusal.status });
  }
  if (locals.refusal?.kind === 'nobody' && request.method !== 'POST') {
    return context.redirect(signInAddress(locals.language, url.pathname + url.search), 303);
  }
  if (!settings.auth || locals.person) locals.importJob = rememberedImport(cookies, locals.person);

  // Only GET takes the message out of its cookie: a submitted form is usually answered with a redirect, which shows none.
  if (request.method === 'GET') locals.flash = takeFlash(cookies);
  const response = await next(locals.refusal && '/refused');
  if (response.headers.get('content-type') === 'text/html') {
    response.headers.set('content-type', 'text/html; charset=utf-8');
  }
  return response;
});

/** Astro calls this for each page and endpoint under `src/pages`. */
export const onRequest = sequence(keepFromCaches, prepare);

function queryOf(parameters: URLSearchParams): string {
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
