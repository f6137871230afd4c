/** Hook: deletes users after a delay in which the reader can undo it, or at once when the reader leaves the page. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { browserApi } from '../lib/browser/browser-api.ts';
import { type DeletionTarget, deleteOnLeave, undoDelayMs } from '../lib/browser/pending-deletion.ts';
import { type DeletionResult, deleteUsers } from '../lib/delete-users.ts';

/** State of a deletion and the actions on it. */
export interface Deletion {
  /** Users of the pending deletion; empty if none is pending. */
  users: DeletionTarget[];
  /** Outcome of the last deletion until the reader dismisses it. */
  outcome: DeletionResult | 'undone' | undefined;
  /** Starts a deletion. A deletion that is still pending is sent first. */
  start: (users: DeletionTarget[]) => void;
  undo: () => void;
  dismiss: () => void;
}

/**
 * Keeps the page's pending deletion.
 * @param onFinished called after the API has answered all requests of a deletion
 */
export function useDeletion(onFinished: (outcome: DeletionResult) => void): Deletion {
  const [users, setUsers] = useState<DeletionTarget[]>([]);
  const [outcome, setOutcome] = useState<Deletion['outcome']>();
  const pending = useRef<DeletionTarget[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>();

  const set = (next: DeletionTarget[]) => {
    pending.current = next;
    setUsers(next);
  };
  const commit = async () => {
    clearTimeout(timer.current);
    const targets = pending.current;
    pending.current = [];
    if (targets.length === 0) return;
    const result = await deleteUsers(browserApi(), targets);
    if (pending.current.length === 0) setUsers([]);
    setOutcome(result);
    onFinished(result);
  };

  useEffect(() => {
    const leave = () => {
      deleteOnLeave(pending.current);
      set([]);
    };
    window.addEventListener('pagehide', leave);
    return () => window.removeEventListener('pagehide', leave);
  }, []);

  return {
    users,
    outcome,
    start: async (targets) => {
      await commit();
      setOutcome(undefined);
      set(targets);
      timer.current = setTimeout(commit, undoDelayMs);
    },
    undo: () => {
      clearTimeout(timer.current);
      set([]);
      setOutcome('undone');
    },
    dismiss: () => setOutcome(undefined),
  };
}
