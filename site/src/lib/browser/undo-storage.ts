/** Keeps this tab's last deletion in sessionStorage, so that it can be undone after a reload and on other pages. */

const storageKey = 'undo';

/** A deletion that can be undone from the bin. */
export interface Undo {
  ids: number[];
  /** The name of the user, where it is a single one. */
  name?: string | undefined;
  /** The Idempotency-Key of the restoration. */
  key: string;
  /** Whether the reader has chosen to undo the deletion, and the answer has not come yet. */
  isUnderWay?: boolean | undefined;
}

/** @returns the last deletion; undefined if there is none, or if the reader has undone or dismissed it */
export function readUndo(): Undo | undefined {
  try {
    const undo = JSON.parse(sessionStorage.getItem(storageKey) ?? 'null');
    const isUndo = Array.isArray(undo?.ids) && undo.ids.every(Number.isSafeInteger) && typeof undo.key === 'string';
    return isUndo ? undo : undefined;
  } catch {
    return undefined;
  }
}

/** Stores the last deletion; undefined forgets it. */
export function keepUndo(undo: Undo | undefined): void {
  try {
    if (undo) sessionStorage.setItem(storageKey, JSON.stringify(undo));
    else sessionStorage.removeItem(storageKey);
  } catch {
    // The browser may forbid storage, or have too little. The bin page restores the users, too.
  }
}
