/** Hook: notices that another reader changed or deleted the user that the form edits. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { User } from '../lib/api-types.ts';
import { browserApi } from '../lib/browser/browser-api.ts';
import { listenForRevisions } from '../lib/browser/revision-events.ts';
import { mergeUser, type Values } from '../lib/merge-user.ts';
import type { SeenUser } from '../lib/save-user.ts';
import type { FieldName } from '../lib/user-fields.ts';

/**
 * A change by another reader. `changed`: it contradicts unsaved text in these fields, so the reader must choose. `adopted`: the
 * form shows the new values of these fields already, beside its unsaved text. `gone`: the user is deleted.
 */
export type OtherChange =
  | { kind: 'changed'; current: User; fields: FieldName[] }
  | { kind: 'adopted'; fields: FieldName[] }
  | { kind: 'gone' };

/** The latest change by another reader, until the form dismisses it. */
export interface LiveUser {
  change: OtherChange | undefined;
  dismiss: () => void;
}

interface Options {
  /** The user as the form last read or saved it. */
  base: SeenUser | undefined;
  /** The text in the form. */
  values: Values;
  /** Whether the form is saving. */
  busy: boolean;
  /** Makes a state of the user the one that the next save is based on, and shows the values in the form. */
  adopt: (current: User, values: Values) => void;
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
      const { base, values, busy, adopt } = latest.current;
      // The answer to the form's own request brings the current state.
      if (!base || busy) return;
      if (!result.ok) {
        if (result.failure.kind === 'problem' && result.failure.status === 404) setChange({ kind: 'gone' });
        return;
      }
      const current = result.answer.body;
      if (current.version <= Math.max(base.version, reportedVersion)) return;
      reportedVersion = current.version;
      const merge = mergeUser(base, values, current);
      if (merge.conflicts.length > 0) {
        setChange({ kind: 'changed', current, fields: merge.conflicts });
        return;
      }
      adopt(current, merge.values);
      setChange(merge.theirs.length > 0 ? { kind: 'adopted', fields: merge.theirs } : undefined);
    };
    return listenForRevisions({ revised: check, connected: () => {} });
  }, [id]);

  return { change, dismiss: () => setChange(undefined) };
}
