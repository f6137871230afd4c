/** Reads the list again when somebody changed a user, and while the API is away. */
import { useEffect, useState } from 'preact/hooks';
import { readShown, type Shown, show, shownEvent } from '../lib/browser/navigation.ts';
import { listen } from '../lib/browser/revision-events.ts';

const settle = 150;
const retryDelay = 2_000;

export function useLiveList(): boolean {
  const [connected, setConnected] = useState(true);
  const [troubled, setTroubled] = useState(false);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let waiting = false;

    const refresh = (delay: number) => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        waiting = document.hidden;
        if (waiting) return;
        if (!(await show(location.href, 'refresh')) && readShown().revision === undefined) refresh(retryDelay);
      }, delay);
    };
    const seen = () => {
      if (!document.hidden && waiting) refresh(0);
    };
    const shown = (event: Event) => {
      const { passing } = (event as CustomEvent<Shown>).detail;
      setTroubled(passing);
      if (passing) refresh(retryDelay);
    };
    const stop = listen({
      revised: (revision) => {
        if (revision !== readShown().revision) refresh(settle);
      },
      connected: setConnected,
    });
    if (readShown().passing) {
      setTroubled(true);
      refresh(retryDelay);
    }
    document.addEventListener('visibilitychange', seen);
    document.addEventListener(shownEvent, shown);
    return () => {
      stop();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
      document.removeEventListener(shownEvent, shown);
    };
  }, []);

  return connected && !troubled;
}
