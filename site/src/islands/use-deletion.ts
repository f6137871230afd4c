/** Deletes users after a few seconds in which it can be undone; at once if the page is left before. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { browserApi } from '../lib/browser/api.ts';
import { type Doomed, delay, type Outcome, removeAll, removeOnLeave } from '../lib/browser/pending.ts';

export interface Deletion {
  /** Who is about to be deleted. */
  users: Doomed[];
  outcome: Outcome | 'undone' | undefined;
  start: (users: Doomed[]) => void;
  undo: () => void;
  dismiss: () => void;
}

export function useDeletion(finished: (outcome: Outcome) => void): Deletion {
  const [users, setUsers] = useState<Doomed[]>([]);
  const [outcome, setOutcome] = useState<Deletion['outcome']>();
  const pending = useRef<Doomed[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>();

  const set = (next: Doomed[]) => {
    pending.current = next;
    setUsers(next);
  };
  const commit = async () => {
    clearTimeout(timer.current);
    const doomed = pending.current;
    pending.current = [];
    if (doomed.length === 0) return;
    const result = await removeAll(browserApi(), doomed);
    if (pending.current.length === 0) setUsers([]);
    setOutcome(result);
    finished(result);
  };

  useEffect(() => {
    const leave = () => {
      removeOnLeave(pending.current);
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
      timer.current = setTimeout(commit, delay);
    },
    undo: () => {
      clearTimeout(timer.current);
      set([]);
      setOutcome('undone');
    },
    dismiss: () => setOutcome(undefined),
  };
}
