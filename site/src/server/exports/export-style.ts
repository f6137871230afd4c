/** Decides how an exported file writes titles, numbers and dates, so that the reader's own spreadsheet understands it. */
import type { IncomingHttpHeaders } from 'node:http';
import { defaultLanguage, isLanguage, type Language, languages, type Messages } from '../../i18n/index.ts';
import { canonicalTimeZone } from '../../lib/time-zone.ts';

/** The language of a file, and the region and time zone of its reader. */
export interface ExportStyle {
  t: Messages;
  /** The BCP 47 tag that decides the delimiter and the order of dates. */
  region: string;
  /** IANA name. */
  timeZone: string;
}

/**
 * Finds the style of an export.
 * @param language the language of the page with the link
 * @param headers the browser's Accept-Language tells the region, the cookie `zone` the time zone
 */
export function exportStyle(language: Language, headers: IncomingHttpHeaders): ExportStyle {
  const t = languages[language];
  const zone = /(?:^|;\s*)zone=([^;]*)/.exec(headers.cookie ?? '')?.[1];
  return {
    t,
    region: regionOf(language, headers['accept-language'] ?? '') ?? t.locale,
    timeZone: canonicalTimeZone(decode(zone)) ?? 'UTC',
  };
}

/** @returns the language that the address of an export names, or undefined for a program's export */
export function exportLanguage(parameters: URLSearchParams): Language | undefined {
  const wanted = parameters.get('lang');
  return isLanguage(wanted) ? wanted : undefined;
}

/**
 * Excel reads a CSV file by the rules of its own region, and the site has pages in two languages. So a German who reads the
 * English pages gets a German file. The chosen Portuguese pages win over a browser in English.
 */
function regionOf(language: Language, acceptLanguage: string): string | undefined {
  const tags = acceptLanguage.split(',', 20).map((part) => part.split(';')[0]?.trim() ?? '');
  const base = language.split('-')[0] ?? '';
  const tag = language === defaultLanguage ? tags[0] : tags.find((other) => other.toLowerCase().split('-')[0] === base);
  const known = /^[a-z]{2,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?\b/i.exec(tag ?? '')?.[0];
  // A spreadsheet reads dates of this calendar and with these digits only.
  return known && `${known}-u-ca-gregory-nu-latn`;
}

function decode(cookie: string | undefined): string | undefined {
  try {
    return cookie === undefined ? undefined : decodeURIComponent(cookie);
  } catch {
    return undefined;
  }
}

/** @returns the character that Excel expects between cells: the semicolon where the comma separates decimals */
export function delimiterOf({ region }: ExportStyle): string {
  return new Intl.NumberFormat(region).format(0.5).includes(',') ? ';' : ',';
}

/** @returns a function that writes an ISO 8601 time as Excel reads it in the reader's region, without seconds */
export function dateWriter({ region, timeZone }: ExportStyle): (iso: string) => string {
  const twoDigits = { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  const format = new Intl.DateTimeFormat(region, { ...twoDigits, year: 'numeric', timeZone });
  // Excel takes `31.01.2026, 12:00` and narrow spaces for text.
  return (iso) =>
    format
      .format(new Date(iso))
      .replace(/,? |[\u00a0\u202f]/g, ' ')
      .replace(/\u200e|\u200f/g, '');
}

/** @returns a function that gives the time on the reader's clock, as the milliseconds that UTC has at that reading */
export function wallClock({ timeZone }: ExportStyle): (iso: string) => number {
  const format = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone });
  return (iso) => Date.parse(`${format.format(new Date(iso)).replace(' ', 'T')}Z`);
}
