/** Writes the good rows of an import, a few at a time, waiting out an API that is away. */
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

const atOnce = 6;
const patience = 2_000;
/** Up to here each e-mail is looked up beforehand; beyond, taken ones show when they are refused. */
const mostLookedUp = 200;

export interface Import {
  rows: Row[];
  phase: 'idle' | 'running' | 'finished';
  waiting: boolean;
  load: (rows: Row[]) => void;
  start: () => void;
  stop: () => void;
}

export function useImport(t: Pick<Messages, 'field' | 'trouble'>): Import {
  const [rows, setRows] = useState<Row[]>([]);
  const [phase, setPhase] = useState<Import['phase']>('idle');
  const [waiting, setWaiting] = useState(false);
  const work = useRef({ stopped: false, batch: 0 });

  /** Shows what happened to the rows since, at most once a frame. */
  const frame = useRef(0);
  const paint = (all: Row[]) => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => setRows([...all]));
  };

  const load = async (all: Row[]) => {
    const batch = ++work.current.batch;
    setRows(all);
    setPhase('idle');
    const good = all.filter(({ state }) => state === 'ready');
    if (good.length > mostLookedUp) return;
    await mapConcurrently(good, atOnce, async (row) => {
      if (work.current.batch !== batch || row.state !== 'ready') return;
      if (!(await findOwner(browserApi(), row.email)) || work.current.batch !== batch || row.state !== 'ready') return;
      row.state = 'bad';
      row.emailFault = 'taken';
      paint(all);
    });
  };

  const send = async (row: Row, key: string): Promise<void> => {
    row.state = 'sending';
    for (;;) {
      const result = await browserApi().create({ name: row.name, email: row.email }, key);
      if (result.ok) row.state = 'done';
      else if (isTransient(result.failure) && !work.current.stopped) {
        setWaiting(true);
        await new Promise((resolve) => setTimeout(resolve, patience));
        continue;
      } else {
        const { failure } = result;
        const faults = failure.kind === 'problem' ? faultsOf(failure.problem, row, t.field) : {};
        row.state = 'refused';
        row.refusal = Object.values(faults).join(' ') || failureText(failure, t.trouble);
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
    await mapConcurrently(good, atOnce, async (row) => {
      if (work.current.stopped) row.state = 'stopped';
      else await send(row, `${prefix}-${row.line}`);
      paint(rows);
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
