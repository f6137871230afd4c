/** Hook: saves the user's form, one request at a time, and retries by itself while the API is down. */
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import { isTransient } from '../lib/api-client.ts';
import type { User } from '../lib/api-types.ts';
import { browserApi } from '../lib/browser/browser-api.ts';
import type { Values } from '../lib/merge-user.ts';
import { type Draft, type SaveOutcome, save } from '../lib/save-user.ts';
import type { FieldName } from '../lib/user-fields.ts';

interface Options {
  /** Outcome of a submission without JavaScript. */
  first: SaveOutcome | undefined;
  texts: Messages['field'];
  form: RefObject<HTMLFormElement>;
  /**
   * @param sent the values that were saved; the form may hold newer ones
   * @returns whether the page is being left: the form then stays busy, or a second click would create a second user
   */
  onSaved: (user: User, sent: Values) => boolean;
}

const minRetrySeconds = 2;
const maxRetrySeconds = 15;

/**
 * Keeps the form's attempts to save.
 * @returns the outcome of the last attempt, the countdown to the next one, and the actions on them
 */
export function useSaving({ first, texts, form, onSaved }: Options) {
  const [outcome, setOutcome] = useState(first);
  const [busy, setBusy] = useState(false);
  const [secondsLeft, setSecondsLeft] = useState<number>();
  const state = useRef({ busy: false, attempts: 0, timer: undefined as ReturnType<typeof setInterval> | undefined });

  const stop = () => {
    clearInterval(state.current.timer);
    setSecondsLeft(undefined);
  };
  /** Counts down to the next attempt. The wait doubles with each attempt. */
  const scheduleRetry = (draft: Draft) => {
    let left = Math.min(maxRetrySeconds, minRetrySeconds * 2 ** state.current.attempts++);
    setSecondsLeft(left);
    state.current.timer = setInterval(() => {
      left--;
      setSecondsLeft(left);
      if (left <= 0) send(draft, true);
    }, 1_000);
  };
  const send = async (draft: Draft, again = false) => {
    if (state.current.busy) return;
    stop();
    if (!again) state.current.attempts = 0;
    state.current.busy = true;
    setBusy(true);
    const result = await save(browserApi(), draft, texts);
    const leaving = result.kind === 'done' && onSaved(result.user, draft.values);
    state.current.busy = leaving;
    setBusy(leaving);
    setOutcome(result);
    if (result.kind === 'failure' && isTransient(result.failure)) scheduleRetry(draft);
  };

  useEffect(() => {
    if (outcome?.kind !== 'faults' && outcome?.kind !== 'taken') return;
    form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [outcome]);
  useEffect(() => stop, []);

  return {
    outcome,
    busy,
    secondsLeft,
    send,
    stop,
    reset: () => {
      stop();
      setOutcome(undefined);
    },
    /** Removes the error of a field that the reader edits, and the planned retry of the old text. */
    clearFault: (name: FieldName) => {
      stop();
      setOutcome((before) => {
        if (before?.kind === 'done') return undefined;
        if (!before || !('faults' in before)) return before;
        const faults = { ...before.faults, [name]: undefined };
        return faults.name || faults.email ? { kind: 'faults', faults } : undefined;
      });
    },
  };
}
