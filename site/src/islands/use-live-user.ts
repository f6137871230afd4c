/** Notices that somebody else changed or deleted the user that is being edited. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { User } from '../lib/api-types.ts';
import { browserApi } from '../lib/browser/browser-api.ts';
import { listen } from '../lib/browser/revision-events.ts';

export type News = { kind: 'changed'; current: User } | { kind: 'taken' } | { kind: 'gone' };

export interface LiveUser {
  news: News | undefined;
  dismiss: () => void;
}

interface Options {
  base: User | undefined;
  dirty: boolean;
  busy: boolean;
  adopt: (current: User) => void;
}

export function useLiveUser(options: Options): LiveUser {
  const [news, setNews] = useState<News>();
  const latest = useRef(options);
  latest.current = options;
  const id = options.base?.id;

  useEffect(() => {
    if (id === undefined) return;
    let dismissed = 0;
    const look = async () => {
      const result = await browserApi().get(id);
      const { base, dirty, busy, adopt } = latest.current;
      // Our own save is on its way: its answer says what stands there now.
      if (!base || busy) return;
      if (!result.ok) {
        if (result.failure.kind === 'problem' && result.failure.status === 404) setNews({ kind: 'gone' });
        return;
      }
      const current = result.answer.body;
      if (current.version <= Math.max(base.version, dismissed)) return;
      dismissed = current.version;
      if (dirty) setNews({ kind: 'changed', current });
      else {
        adopt(current);
        setNews({ kind: 'taken' });
      }
    };
    return listen({ revised: look, connected: () => {} });
  }, [id]);

  return { news, dismiss: () => setNews(undefined) };
}
