/** Hook: keeps the typed text of a new user over a reload, another language, another theme and other pages. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { keepDraft, readKeptDraft } from '../lib/browser/kept-draft.ts';
import type { Draft } from '../lib/save-user.ts';

/**
 * Restores the kept text into an empty form, and from then on keeps what the reader types.
 * @param draft undefined for a form that edits a user
 * @param restore shows the kept text
 */
export function useKeptDraft(draft: Draft | undefined, restore: (kept: Draft) => void): void {
  const first = useRef(true);

  // A layout effect runs before the next event. An ordinary one waits for the next picture, and a reload could come first.
  useLayoutEffect(() => {
    if (!draft) return;
    const isFirst = first.current;
    first.current = false;
    if (!isFirst) {
      keepDraft(draft);
      return;
    }
    const kept = readKeptDraft();
    if (kept && draft.values.name === '' && draft.values.email === '') restore(kept);
  }, [draft?.values, draft?.key]);
}
