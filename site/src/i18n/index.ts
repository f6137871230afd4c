import { en, type Messages } from './en.ts';
import { ptBr } from './pt-br.ts';

export type { Messages };

/** Each language by the path segment that Astro's i18n routing gives it. */
export const languages = { en, 'pt-br': ptBr } satisfies Record<string, Messages>;

export type Language = keyof typeof languages;

export const defaultLanguage: Language = 'en';

export function isLanguage(value: unknown): value is Language {
  return typeof value === 'string' && Object.hasOwn(languages, value);
}

/** A page's address in a language: the default one has no prefix. */
export function localPath(language: Language, path: string): string {
  return language === defaultLanguage ? path : `/${language}${path}`;
}

/** An address without its language prefix. */
export function barePath(path: string): string {
  for (const language of Object.keys(languages)) {
    if (path === `/${language}`) return '/';
    if (path.startsWith(`/${language}/`)) return path.slice(language.length + 1);
  }
  return path;
}

/** The best language for an Accept-Language header: "pt", "pt-PT" and "pt-BR" all mean pt-br here. */
export function preferredLanguage(header: string | null): Language {
  const wanted = (header ?? '')
    .split(',')
    .slice(0, 20)
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
