/** Chooses the locale of dates and numbers: the language of the page, as it is written where the reader lives. */

/**
 * Takes the region of the reader's first language. A reader in Germany has 26 Nov 2026, 23:06 and 1.025 on an English page, and
 * not the form of the United States.
 * @param language the page's locale, such as `en` or `pt-BR`
 * @param header Accept-Language
 * @returns a BCP 47 tag that this Node.js formats; where English has no form for the region, that of the United Kingdom
 */
export function formatLocale(language: string, header: string | null): string {
  const [first] = /^\s*[a-z]{2,3}(?:-[a-z0-9]{2,8})*(?=\s*(?:[,;]|$))/i.exec(header?.slice(0, 100) ?? '') ?? [];
  if (first === undefined) return language;
  try {
    const { region } = new Intl.Locale(first.trim()).maximize();
    const wanted = new Intl.Locale(language, { region }).toString();
    const [found] = Intl.DateTimeFormat.supportedLocalesOf(wanted, { localeMatcher: 'lookup' });
    if (found === wanted && new Intl.DateTimeFormat(wanted).resolvedOptions().locale === wanted) return wanted;
    return wanted.startsWith('en') ? 'en-GB' : language;
  } catch {
    return language;
  }
}
