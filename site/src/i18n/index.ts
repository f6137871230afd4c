/** The languages of the site: their catalogues, their addresses and the choice for a first visit. */
import { en, type Messages } from './en.ts';
import { ptBr } from './pt-br.ts';

export type { Messages };

/** Catalogues by language code. The code is also the path segment in Astro's i18n routing. */
export const languages = { en, 'pt-br': ptBr } satisfies Record<string, Messages>;

/** A language code. */
export type Language = keyof typeof languages;

/** The language whose addresses have no prefix. */
export const defaultLanguage: Language = 'en';

/** @returns whether a value from outside is a language code */
export function isLanguage(value: unknown): value is Language {
  return typeof value === 'string' && Object.hasOwn(languages, value);
}

/**
 * @param path address without a language prefix, such as `/create`
 * @returns the address in a language
 */
export function localPath(language: Language, path: string): string {
  return language === defaultLanguage ? path : `/${language}${path}`;
}

/** @returns the address without its language prefix */
export function barePath(path: string): string {
  for (const language of Object.keys(languages)) {
    if (path === `/${language}`) return '/';
    if (path.startsWith(`/${language}/`)) return path.slice(language.length + 1);
  }
  return path;
}

/** Browsers send fewer. The limit bounds the work that a hostile header causes. */
const maxPreferences = 20;

/**
 * Chooses a language by the Accept-Language header (RFC 9110, 12.5.4). Only the primary subtag counts, so that `pt` and
 * `pt-PT` choose pt-br.
 */
export function preferredLanguage(header: string | null): Language {
  const wanted = (header ?? '')
    .split(',')
    .slice(0, maxPreferences)
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const quality = parameters.map((text) => /^\s*q=([\d.]+)\s*$/.exec(text)?.[1]).find((text) => text !== undefined);
      return { tag, quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { tag } of wanted) {
    const base = tag.split('-')[0];
    const found = Object.keys(languages).find((language) => language.split('-')[0] === base);
    if (isLanguage(found)) return found;
  }
  return defaultLanguage;
}
