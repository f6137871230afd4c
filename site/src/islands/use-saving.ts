/** Sends the form: never twice at once, and again by itself while the API is away. */
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import { isTransient } from '../lib/api-client.ts';
import type { User } from '../lib/api-types.ts';
import { browserApi } from '../lib/browser/browser-api.ts';
import { type Draft, type SaveOutcome, save, type Values } from '../lib/save-user.ts';
import type { FieldName } from '../lib/user-fields.ts';

interface Options {
  first: SaveOutcome | undefined;
  texts: Messages['field'];
  form: RefObject<HTMLFormElement>;
  saved: (user: User, sent: Values) => void;
}

const shortest = 2;
const longest = 15;

export function useSaving({ first, texts, form, saved }: Options) {
  const [outcome, setOutcome] = useState(first);
  const [busy, setBusy] = useState(false);
  const [seconds, setSeconds] = useState<number>();
  const state = useRef({ busy: false, attempts: 0, timer: undefined as ReturnType<typeof setInterval> | undefined });

  const stop = () => {
    clearInterval(state.current.timer);
    setSeconds(undefined);
  };
  const wait = (draft: Draft) => {
    let left = Math.min(longest, shortest * 2 ** state.current.attempts++);
    setSeconds(left);
    state.current.timer = setInterval(() => {
      left--;
      setSeconds(left);
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
    // A new user's page is left for the list: until then a second click must not make a second user.
    const leaving = result.kind === 'done' && draft.id === undefined;
    state.current.busy = leaving;
    setBusy(leaving);
    setOutcome(result);
    if (result.kind === 'done') saved(result.user, draft.values);
    else if (result.kind === 'failure' && isTransient(result.failure)) wait(draft);
  };

  useEffect(() => {
    if (outcome?.kind !== 'faults' && outcome?.kind !== 'taken') return;
    form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [outcome]);
  useEffect(() => stop, []);

  return {
    outcome,
    busy,
    seconds,
    send,
    stop,
    reset: () => {
      stop();
      setOutcome(undefined);
    },
    /** A field that is being mended is no longer marked; a retry of the old text ends. */
    clear: (name: FieldName) => {
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
