/** Flash messages: a cookie carries a confirmation over a redirect, and the next page shows it once. */
import type { AstroCookies } from 'astro';

/** The event that the next page confirms. `ids` lets the reader undo a deletion of a few users. */
export type Flash =
  | { kind: 'created' | 'saved' | 'merged' | 'stateRestored'; id: number }
  | { kind: 'deleted'; count: number; ids?: number[] }
  | { kind: 'restored'; count: number }
  | { kind: 'passwordChosen' };

const cookieName = 'flash';
/** Long enough for a slow redirect, short enough that a message nobody saw does not show up later. */
const maxAgeSeconds = 60;
/** A cookie holds 4 kB. */
const maxIds = 200;

/**
 * Stores a message for the next page. The site server calls it before a redirect.
 * @param cookies the cookies of the response
 */
export function setFlash(cookies: AstroCookies, flash: Flash): void {
  const ids = flash.kind === 'deleted' && flash.ids && flash.ids.length <= maxIds ? flash.ids : undefined;
  cookies.set(cookieName, JSON.stringify(flash.kind === 'deleted' ? { ...flash, ids } : flash), {
    path: '/',
    maxAge: maxAgeSeconds,
    sameSite: 'lax',
  });
}

/** Stores a message for the next page. An island calls it before it leaves its page. */
export function setFlashInBrowser(flash: Flash): void {
  const value = encodeURIComponent(JSON.stringify(flash));
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in some browsers
  document.cookie = `${cookieName}=${value}; path=/; max-age=${maxAgeSeconds}; samesite=lax`;
}

/**
 * Reads the stored message and deletes it.
 * @returns undefined if there is none, or if the cookie does not hold a valid message
 */
export function takeFlash(cookies: Pick<AstroCookies, 'get' | 'delete'>): Flash | undefined {
  const text = cookies.get(cookieName)?.value;
  if (text === undefined) return undefined;
  cookies.delete(cookieName, { path: '/' });
  return parseFlash(text);
}

function parseFlash(text: string): Flash | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined;
    const { kind } = value;
    if (kind === 'passwordChosen') return { kind };
    if (
      (kind === 'created' || kind === 'saved' || kind === 'merged' || kind === 'stateRestored') &&
      'id' in value &&
      Number.isSafeInteger(value.id)
    ) {
      return { kind, id: Number(value.id) };
    }
    if ((kind === 'deleted' || kind === 'restored') && 'count' in value && Number.isSafeInteger(value.count)) {
      const count = Number(value.count);
      if (kind === 'restored') return { kind, count };
      const ids = 'ids' in value && Array.isArray(value.ids) ? value.ids.filter(Number.isSafeInteger) : [];
      return { kind, count, ids };
    }
  } catch {
    // Any script on this host can write the cookie, so its text may not be JSON.
  }
  return undefined;
}
