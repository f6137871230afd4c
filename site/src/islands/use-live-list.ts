/** Hook: refreshes the list after a change by anybody, and retries a list that could not be loaded. */
import { useEffect, useState } from 'preact/hooks';
import { type ListState, listShownEvent, readListState, refreshFailedEvent, show } from '../lib/browser/navigation.ts';
import { listenForRevisions } from '../lib/browser/revision-events.ts';

/** Several changes in quick succession make one refresh. */
const debounceMs = 150;
/** The pause before the first retry. It doubles with each further one. */
const minRetryMs = 1_000;
const maxRetryMs = 30_000;

/**
 * Follows the event stream as long as the list is open.
 * @returns whether the list is live: the stream is open and the last load succeeded
 */
export function useLiveList(): boolean {
  const [connected, setConnected] = useState(true);
  const [failing, setFailing] = useState(false);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    /** Whether a refresh waits until the reader looks at the page. */
    let waiting = false;
    /** Failed attempts since the last list. */
    let failures = 0;

    const refresh = (delayMs: number) => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        waiting = document.hidden;
        if (!waiting) await show(location.href, 'refresh');
      }, delayMs);
    };
    const retry = () => {
      setFailing(true);
      refresh(Math.min(maxRetryMs, minRetryMs * 2 ** failures++));
    };
    const onVisibility = () => {
      if (!document.hidden && waiting) refresh(0);
    };
    const onShown = (event: Event) => {
      const { transient } = (event as CustomEvent<ListState>).detail;
      if (transient) {
        retry();
        return;
      }
      failures = 0;
      setFailing(false);
    };
    const onOnline = () => {
      if (failures > 0) refresh(0);
    };
    const stop = listenForRevisions({
      revised: (revision) => {
        if (revision !== readListState().revision) refresh(debounceMs);
      },
      connected: setConnected,
      // The site leads to the sign-in page, and from there back to this list.
      signedOut: () => location.reload(),
    });
    if (readListState().transient) retry();
    document.addEventListener('visibilitychange', onVisibility);
    document.addEventListener(listShownEvent, onShown);
    document.addEventListener(refreshFailedEvent, retry);
    window.addEventListener('online', onOnline);
    return () => {
      stop();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
      document.removeEventListener(listShownEvent, onShown);
      document.removeEventListener(refreshFailedEvent, retry);
      window.removeEventListener('online', onOnline);
    };
  }, []);

  return connected && !failing;
}
