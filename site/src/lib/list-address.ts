/** Finds the way back to the list with its search, order and page size, on the site server. */
import { barePath, type Language, localPath } from '../i18n/index.ts';
import { parseQuery, writeQuery } from './list-query.ts';

/**
 * Makes an address of the list out of a text from outside. Only the list's own parameters survive, so that it leads nowhere
 * else.
 * @returns undefined if the text is not an address of the list, in any language
 */
export function listAddress(text: string | null, language: Language): string | undefined {
  const url = !text || text.length > maxCharacters ? null : URL.parse(text, 'http://site.invalid');
  if (!url || barePath(url.pathname.replace(/(?<=.)\/$/, '')) !== '/') return undefined;
  return localPath(language, '/') + writeQuery(parseQuery(url.searchParams));
}

/** A list's address holds a search and cursors, which are shorter. */
const maxCharacters = 4_000;

/** @returns the list that the reader came from: by the page's `back` parameter, else by the Referer header */
export function wayBack(url: URL, headers: Headers, language: Language): string {
  return (
    listAddress(url.searchParams.get('back'), language) ??
    listAddress(headers.get('referer'), language) ??
    localPath(language, '/')
  );
}
