/** Hook: imports rows through the API, a few at a time, and waits while the API is down. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import { isTransient } from '../lib/api-client.ts';
import { failureText } from '../lib/api-texts.ts';
import { browserApi } from '../lib/browser/browser-api.ts';
import { mapConcurrently } from '../lib/concurrency.ts';
import type { Row } from '../lib/csv-import.ts';
import { newIdempotencyKey } from '../lib/idempotency-key.ts';
import { findOwner } from '../lib/save-user.ts';
import { faultsOf } from '../lib/user-fields.ts';

const concurrency = 6;
const retryDelayMs = 2_000;
/** A longer file is imported without looking up its e-mails first. The API then refuses the taken ones. */
const maxLookups = 200;

/** State of an import and the actions on it. */
export interface Import {
  rows: Row[];
  phase: 'idle' | 'running' | 'finished';
  /** Whether the import waits for an API that does not answer. */
  waiting: boolean;
  /** Shows rows and marks those whose e-mail another user has. */
  load: (rows: Row[]) => void;
  start: () => void;
  /** Stops after the requests that are under way. */
  stop: () => void;
}

/**
 * Keeps the rows of the page's import.
 * @param t texts for the reasons why the API refuses a row
 */
export function useImport(t: Pick<Messages, 'field' | 'failure'>): Import {
  const [rows, setRows] = useState<Row[]>([]);
  const [phase, setPhase] = useState<Import['phase']>('idle');
  const [waiting, setWaiting] = useState(false);
  /** A new batch number ends the lookups of the batch before. */
  const work = useRef({ stopped: false, batch: 0 });

  const frame = useRef(0);
  /** Renders the rows' new states, at most once for each frame. */
  const scheduleRender = (all: Row[]) => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => setRows([...all]));
  };

  const load = async (all: Row[]) => {
    const batch = ++work.current.batch;
    setRows(all);
    setPhase('idle');
    const good = all.filter(({ state }) => state === 'ready');
    if (good.length > maxLookups) return;
    await mapConcurrently(good, concurrency, async (row) => {
      if (work.current.batch !== batch || row.state !== 'ready') return;
      if (!(await findOwner(browserApi(), row.email)) || work.current.batch !== batch || row.state !== 'ready') return;
      row.state = 'bad';
      row.emailFault = 'taken';
      scheduleRender(all);
    });
  };

  const send = async (row: Row, key: string): Promise<void> => {
    row.state = 'sending';
    for (;;) {
      const result = await browserApi().create({ name: row.name, email: row.email }, key);
      if (result.ok) row.state = 'done';
      else if (isTransient(result.failure) && !work.current.stopped) {
        setWaiting(true);
        await new Promise((resolve) => setTimeout(resolve, retryDelayMs));
        continue;
      } else {
        const { failure } = result;
        const faults = failure.kind === 'problem' ? faultsOf(failure.problem, t.field) : {};
        row.state = 'refused';
        row.refusal = Object.values(faults).join(' ') || failureText(failure, t.failure);
      }
      setWaiting(false);
      return;
    }
  };

  const start = async () => {
    work.current.stopped = false;
    work.current.batch++;
    setPhase('running');
    const prefix = newIdempotencyKey();
    const good = rows.filter(({ state }) => state === 'ready');
    await mapConcurrently(good, concurrency, async (row) => {
      if (work.current.stopped) row.state = 'stopped';
      else await send(row, `${prefix}-${row.line}`);
      scheduleRender(rows);
    });
    setPhase('finished');
  };

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    if (phase !== 'running') return;
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [phase]);

  return {
    rows,
    phase,
    waiting,
    load,
    start,
    stop: () => {
      work.current.stopped = true;
    },
  };
}
