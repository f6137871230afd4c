/** Language, theme and message of each page, and where a first visit goes. */
import { defineMiddleware } from 'astro:middleware';
import { barePath, isLanguage, languages, localPath, preferredLanguage } from './i18n/index.ts';
import { flashCookie, readFlash } from './lib/flash.ts';
import { isTheme } from './lib/theme.ts';
import { isTimeZone } from './lib/zone.ts';

const year = 31_536_000;

export const onRequest = defineMiddleware(async (context, next) => {
  const { cookies, params, request, url, locals } = context;
  const language = context.currentLocale;
  locals.language = isLanguage(language) ? language : 'en';
  locals.t = languages[locals.language];
  const theme = cookies.get('theme')?.value;
  locals.theme = isTheme(theme) ? theme : 'auto';
  const zone = cookies.get('zone')?.value;
  locals.timeZone = isTimeZone(zone) ? zone : undefined;

  // `?lang=…` is the switch in the header: the choice is kept, and then wins over what the browser prefers.
  const chosen = url.searchParams.get('lang');
  if (isLanguage(chosen)) {
    cookies.set('lang', chosen, { path: '/', maxAge: year, sameSite: 'lax', httpOnly: true });
    const rest = new URLSearchParams(url.searchParams);
    rest.delete('lang');
    return context.redirect(localPath(chosen, barePath(url.pathname)) + query(rest), 303);
  }
  if (url.pathname === '/' && request.method === 'GET' && request.headers.get('sec-fetch-site') !== 'same-origin') {
    const kept = cookies.get('lang')?.value;
    const wanted = isLanguage(kept) ? kept : preferredLanguage(request.headers.get('accept-language'));
    if (wanted !== 'en') return context.redirect(localPath(wanted, '/') + query(url.searchParams), 302);
  }
  if (params.locale !== undefined && !isLanguage(params.locale)) return context.rewrite('/404');

  if (request.method === 'GET') {
    locals.flash = readFlash(cookies.get(flashCookie)?.value);
    if (locals.flash) cookies.delete(flashCookie, { path: '/' });
  }
  const response = await next();
  if (response.headers.get('content-type') === 'text/html') {
    response.headers.set('content-type', 'text/html; charset=utf-8');
  }
  response.headers.set('cache-control', 'private, no-cache');
  response.headers.append('vary', 'accept-language, cookie, sec-fetch-site');
  return response;
});

function query(parameters: URLSearchParams): string {
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
