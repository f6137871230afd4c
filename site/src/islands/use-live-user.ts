/** Hook: notices that another reader changed or deleted the user that the form edits. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { User } from '../lib/api-types.ts';
import { browserApi } from '../lib/browser/browser-api.ts';
import { listenForRevisions } from '../lib/browser/revision-events.ts';

/**
 * A change by another reader. `changed`: the form has unsaved text, so the reader must choose. `adopted`: the form had
 * none and shows the new values already. `gone`: the user is deleted.
 */
export type OtherChange = { kind: 'changed'; current: User } | { kind: 'adopted' } | { kind: 'gone' };

/** The latest change by another reader, until the form dismisses it. */
export interface LiveUser {
  change: OtherChange | undefined;
  dismiss: () => void;
}

interface Options {
  /** The user as the form last read or saved it. */
  base: User | undefined;
  /** Whether the form has unsaved text. */
  dirty: boolean;
  /** Whether the form is saving. */
  busy: boolean;
  /** Shows the given state of the user in the form. */
  adopt: (current: User) => void;
}

/** Reads the user again whenever anybody changes any user, because the event stream does not say which one. */
export function useLiveUser(options: Options): LiveUser {
  const [change, setChange] = useState<OtherChange>();
  const latest = useRef(options);
  latest.current = options;
  const id = options.base?.id;

  useEffect(() => {
    if (id === undefined) return;
    let reportedVersion = 0;
    const check = async () => {
      const result = await browserApi().get(id);
      const { base, dirty, busy, adopt } = latest.current;
      // The answer to the form's own request brings the current state.
      if (!base || busy) return;
      if (!result.ok) {
        if (result.failure.kind === 'problem' && result.failure.status === 404) setChange({ kind: 'gone' });
        return;
      }
      const current = result.answer.body;
      if (current.version <= Math.max(base.version, reportedVersion)) return;
      reportedVersion = current.version;
      if (dirty) setChange({ kind: 'changed', current });
      else {
        adopt(current);
        setChange({ kind: 'adopted' });
      }
    };
    return listenForRevisions({ revised: check, connected: () => {} });
  }, [id]);

  return { change, dismiss: () => setChange(undefined) };
}
