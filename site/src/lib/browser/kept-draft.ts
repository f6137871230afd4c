/** Keeps the typed text of a new user in sessionStorage, so that a reload or another page does not lose it. */
import type { Draft } from '../save-user.ts';
import { tabStorage } from './tab-storage.ts';

const key = 'new-user';

/** @returns the kept text and its Idempotency-Key, so that a reload after a lost answer does not create a second user */
export function readKeptDraft(): Draft | undefined {
  try {
    const kept = JSON.parse(tabStorage().getItem(key) ?? 'null');
    const { name, email } = kept.values;
    return { key: String(kept.key), values: { name: String(name), email: String(email) } };
  } catch {
    return undefined;
  }
}

/** Stores the text; a draft without text removes it. */
export function keepDraft({ values, key: draftKey }: Draft): void {
  try {
    if (values.name === '' && values.email === '') tabStorage().removeItem(key);
    else tabStorage().setItem(key, JSON.stringify({ values, key: draftKey }));
  } catch {
    // The browser may forbid storage. The page then asks before the text is lost.
  }
}
