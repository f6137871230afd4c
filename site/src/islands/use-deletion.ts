/** Deletes users after a few seconds in which it can be undone; at once if the page is left before. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { browserApi } from '../lib/browser/browser-api.ts';
import { type DeletionTarget, deleteOnLeave, undoDelayMs } from '../lib/browser/pending-deletion.ts';
import { type DeletionResult, deleteUsers } from '../lib/delete-users.ts';

export interface Deletion {
  /** Who is about to be deleted. */
  users: DeletionTarget[];
  outcome: DeletionResult | 'undone' | undefined;
  start: (users: DeletionTarget[]) => void;
  undo: () => void;
  dismiss: () => void;
}

export function useDeletion(finished: (outcome: DeletionResult) => void): Deletion {
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
    const doomed = pending.current;
    pending.current = [];
    if (doomed.length === 0) return;
    const result = await deleteUsers(browserApi(), doomed);
    if (pending.current.length === 0) setUsers([]);
    setOutcome(result);
    finished(result);
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
    start: async (doomed) => {
      await commit();
      setOutcome(undefined);
      set(doomed);
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
