/** Keeps this tab's last deletion in sessionStorage, so that it can be undone after a reload and on other pages. */

const key = 'undo';

/** A deletion that can be undone from the bin. */
export interface Undo {
  ids: number[];
  /** The name of the user, where it is a single one. */
  name?: string | undefined;
}

/** @returns the last deletion; undefined if there is none, or if the reader has undone or dismissed it */
export function readUndo(): Undo | undefined {
  try {
    const { ids, name } = JSON.parse(sessionStorage.getItem(key) ?? 'null');
    return Array.isArray(ids) && ids.every(Number.isSafeInteger) ? { ids, name } : undefined;
  } catch {
    return undefined;
  }
}

/** Stores the last deletion; undefined forgets it. */
export function keepUndo(undo: Undo | undefined): void {
  try {
    if (undo) sessionStorage.setItem(key, JSON.stringify(undo));
    else sessionStorage.removeItem(key);
  } catch {
    // The browser may forbid storage, or have too little. The bin page restores the users, too.
  }
}
