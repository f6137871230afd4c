/** Keeps this tab's last deletion in sessionStorage, so that it can be undone after a reload and on other pages. */

import type { UserVersion } from '../delete-users.ts';
import { tabStorage } from './tab-storage.ts';

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

/** A deletion whose answer has not come yet. */
export interface PendingDeletion {
  users: UserVersion[];
  name?: string | undefined;
  /** The Idempotency-Key of the deletion. */
  key: string;
}

/** @returns the last deletion; undefined if there is none, or if the reader has undone or dismissed it */
export function readUndo(): Undo | PendingDeletion | undefined {
  try {
    const stored = JSON.parse(tabStorage().getItem(storageKey) ?? 'null');
    const ids = stored?.users?.map(({ id }: UserVersion) => id) ?? stored?.ids;
    return Array.isArray(ids) && ids.every(Number.isSafeInteger) && typeof stored.key === 'string' ? stored : undefined;
  } catch {
    return undefined;
  }
}

/** Stores the last deletion; undefined forgets it. */
export function keepUndo(undo: Undo | PendingDeletion | undefined): void {
  try {
    if (undo) tabStorage().setItem(storageKey, JSON.stringify(undo));
    else tabStorage().removeItem(storageKey);
  } catch {
    // The browser may forbid storage, or have too little. The bin page restores the users, too.
  }
}
