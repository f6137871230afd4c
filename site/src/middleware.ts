/**
 * Prepares every page on the site server: its language, theme, time zone, flash message and API client, and where a first
 * visit goes.
 */
import { defineMiddleware } from 'astro:middleware';
import { formatLocale } from './i18n/format-locale.ts';
import { barePath, defaultLanguage, isLanguage, languages, localPath, preferredLanguage } from './i18n/index.ts';
import { takeFlash } from './lib/flash.ts';
import { localAddress } from './lib/local-address.ts';
import { isTheme } from './lib/theme.ts';
import { canonicalTimeZone } from './lib/time-zone.ts';
import { clientKeyHeader } from './server/client-address.ts';
import { rememberedImport } from './server/import-pages.ts';
import { apiFor } from './server/server-api.ts';

const yearSeconds = 31_536_000;

/** Astro calls this for each page and endpoint under `src/pages`. */
export const onRequest = defineMiddleware(async (context, next) => {
  const { cookies, params, request, url, locals } = context;
  const language = context.currentLocale;
  locals.language = isLanguage(language) ? language : defaultLanguage;
  const catalogue = languages[locals.language];
  locals.t = { ...catalogue, locale: formatLocale(catalogue.locale, request.headers.get('accept-language')) };
  const theme = cookies.get('theme')?.value;
  locals.theme = isTheme(theme) ? theme : 'auto';
  locals.timeZone = canonicalTimeZone(cookies.get('zone')?.value);
  // `server/routes.ts` has replaced what the client sent in both headers.
  locals.client = request.headers.get(clientKeyHeader) ?? '';
  locals.api = apiFor(request.headers.get('x-forwarded-for') ?? '', locals.client);
  locals.importJob = rememberedImport(cookies);

  // The header's language switch links to `?lang=…`. The cookie makes that choice win over Accept-Language later.
  const chosen = url.searchParams.get('lang');
  if (isLanguage(chosen)) {
    cookies.set('lang', chosen, { path: '/', maxAge: yearSeconds, sameSite: 'lax', httpOnly: true });
    const rest = new URLSearchParams(url.searchParams);
    rest.delete('lang');
    return context.redirect(localAddress(localPath(chosen, barePath(url.pathname)) + queryOf(rest)), 303);
  }
  // Only a visit from outside is redirected: links within the site already carry the reader's language.
  if (url.pathname === '/' && request.method === 'GET' && request.headers.get('sec-fetch-site') !== 'same-origin') {
    const kept = cookies.get('lang')?.value;
    const wanted = isLanguage(kept) ? kept : preferredLanguage(request.headers.get('accept-language'));
    if (wanted !== defaultLanguage) return context.redirect(localPath(wanted, '/') + queryOf(url.searchParams), 302);
  }
  if (params.locale !== undefined && !isLanguage(params.locale)) {
    const meant = params.locale.toLowerCase();
    if (!isLanguage(meant)) return context.rewrite('/404');
    const path = barePath(url.pathname.replace(`/${params.locale}`, `/${meant}`));
    return context.redirect(localAddress(localPath(meant, path) + url.search), 308);
  }

  // Only GET takes the message out of its cookie: a submitted form is usually answered with a redirect, which shows none.
  if (request.method === 'GET') locals.flash = takeFlash(cookies);
  const response = await next();
  if (response.headers.get('content-type') === 'text/html') {
    response.headers.set('content-type', 'text/html; charset=utf-8');
  }
  response.headers.set('cache-control', 'private, no-cache');
  response.headers.append('vary', 'accept-language, cookie, sec-fetch-site');
  return response;
});

function queryOf(parameters: URLSearchParams): string {
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
