/** Hook: deletes users at once, and restores them from the bin when the reader undoes it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { browserApi } from '../lib/browser/browser-api.ts';
import { keepUndo, type PendingDeletion, readUndo, type Undo } from '../lib/browser/undo-storage.ts';
import {
  type DeletionResult,
  deleteMatching,
  deleteUsers,
  type RestorationResult,
  restoreUsers,
  type UserVersion,
} from '../lib/delete-users.ts';
import { newIdempotencyKey } from '../lib/idempotency-key.ts';

/** A user to delete, and the name to show. */
export interface DeletionTarget extends UserVersion {
  name: string;
}

/** All users that a search finds. */
export interface MatchingUsers {
  q: string;
  total: number;
  totalExact: boolean;
}

/** The state of the last deletion and the actions on it. */
export interface Deletion {
  /** The number of users that are deleted so far, while a deletion or restoration is under way. */
  progress: number | undefined;
  /** The deletion that can be undone. */
  undoable: Undo | undefined;
  /** The result of the last deletion or restoration. */
  result: DeletionResult | RestorationResult | undefined;
  remove: (users: DeletionTarget[] | MatchingUsers) => Promise<void>;
  undo: () => Promise<void>;
  dismiss: () => void;
}

/**
 * Keeps this tab's last deletion.
 * @param onFinished called after each deletion and restoration
 */
export function useDeletion(onFinished: (result: DeletionResult | RestorationResult) => void): Deletion {
  const [progress, setProgress] = useState<number>();
  const [undoable, setUndoable] = useState<Undo>();
  const [result, setResult] = useState<Deletion['result']>();

  const isLeaving = useRef(false);

  const finish = (
    finished: DeletionResult | RestorationResult,
    undo: Undo | undefined,
    kept: Undo | PendingDeletion | undefined = undo,
  ) => {
    keepUndo(kept);
    setUndoable(undo);
    setProgress(undefined);
    setResult(finished);
    onFinished(finished);
  };
  const begin = (kept: Undo | PendingDeletion | undefined) => {
    keepUndo(kept);
    setResult(undefined);
    setUndoable(undefined);
    setProgress(0);
  };
  /** Until its answer comes, each page that opens asks for the restoration again. The key makes it happen once. */
  const restore = async (undo: Undo) => {
    const underWay = { ...undo, isUnderWay: true };
    begin(underWay);
    const restoration = await restoreUsers(browserApi(), undo.ids, undo.key);
    finish(restoration, restoration.unanswered > 0 ? underWay : undefined);
  };
  /** Each page that opens before the answer asks for the deletion again, as for a restoration. */
  const removeChosen = async (pending: PendingDeletion) => {
    begin(pending);
    const deletion = await deleteUsers(browserApi(), pending.users, pending.key);
    const undo = undoOf(deletion.done, pending.name);
    // A browser fails the requests of a page that is being left. Their answer is open, and the next page asks again.
    finish(deletion, undo, isLeaving.current && deletion.failed.length > 0 ? pending : undo);
  };
  /** No page that opens goes on with this deletion: its search may find other users by then. What is deleted can be undone. */
  const removeMatching = async (q: string) => {
    begin(undefined);
    const deletion = await deleteAll(q, (done) => {
      keepUndo(undoOf(done));
      setProgress(done.length);
    });
    finish(deletion, undoOf(deletion.done));
  };
  // The storage belongs to the browser, so the server's HTML cannot show it.
  useEffect(() => {
    const stored = readUndo();
    if (stored && 'users' in stored) void removeChosen(stored);
    else if (stored?.isUnderWay) void restore(stored);
    else setUndoable(stored);
    const leave = () => {
      isLeaving.current = true;
    };
    addEventListener('beforeunload', leave);
    return () => removeEventListener('beforeunload', leave);
  }, []);

  return {
    progress,
    undoable,
    result,
    async remove(targets) {
      if (!Array.isArray(targets)) return removeMatching(targets.q);
      const users = targets.map(({ id, version }) => ({ id, version }));
      const name = targets.length === 1 ? targets[0]?.name : undefined;
      await removeChosen({ users, name, key: newIdempotencyKey() });
    },
    async undo() {
      if (undoable) await restore(undoable);
    },
    dismiss() {
      keepUndo(undefined);
      setUndoable(undefined);
      setResult(undefined);
    },
  };
}

/** @returns undefined if nothing was deleted */
function undoOf(ids: number[], name?: string): Undo | undefined {
  return ids.length > 0 ? { ids, name, key: newIdempotencyKey() } : undefined;
}

/** Deletes all users that a search finds, a thousand with each request. */
async function deleteAll(q: string, onProgress: (done: number[]) => void): Promise<DeletionResult> {
  const done: number[] = [];
  for (;;) {
    const step = await deleteMatching(browserApi(), q);
    done.push(...step.done);
    onProgress(done);
    if (!(step.left > 0) || step.done.length === 0) return { ...step, done };
  }
}
