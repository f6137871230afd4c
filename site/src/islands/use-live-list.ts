/** Hook: refreshes the list after a change by anybody, and retries while the API is down. */
import { useEffect, useState } from 'preact/hooks';
import { type ListState, listShownEvent, readListState, show } from '../lib/browser/navigation.ts';
import { listenForRevisions } from '../lib/browser/revision-events.ts';

/** Several changes in quick succession make one refresh. */
const debounceMs = 150;
const retryDelayMs = 2_000;

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

    const refresh = (delayMs: number) => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        waiting = document.hidden;
        if (waiting) return;
        if (!(await show(location.href, 'refresh')) && readListState().revision === undefined) refresh(retryDelayMs);
      }, delayMs);
    };
    const onVisibility = () => {
      if (!document.hidden && waiting) refresh(0);
    };
    const onShown = (event: Event) => {
      const { transient } = (event as CustomEvent<ListState>).detail;
      setFailing(transient);
      if (transient) refresh(retryDelayMs);
    };
    const stop = listenForRevisions({
      revised: (revision) => {
        if (revision !== readListState().revision) refresh(debounceMs);
      },
      connected: setConnected,
    });
    if (readListState().transient) {
      setFailing(true);
      refresh(retryDelayMs);
    }
    document.addEventListener('visibilitychange', onVisibility);
    document.addEventListener(listShownEvent, onShown);
    return () => {
      stop();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
      document.removeEventListener(listShownEvent, onShown);
    };
  }, []);

  return connected && !failing;
}
