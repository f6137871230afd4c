/** Hears from the site that somebody changed a user. */

export interface LiveListener {
  changed: () => void;
  connected: (yes: boolean) => void;
}

/** Listens until the returned function is called; after a gap in the connection anything may have changed. */
export function listen({ changed, connected }: LiveListener): () => void {
  let source: EventSource;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let gap = false;

  function connect() {
    source = new EventSource('/events');
    source.addEventListener('hello', () => {
      connected(true);
      if (gap) changed();
      gap = false;
    });
    source.addEventListener('change', changed);
    source.addEventListener('error', () => {
      gap = true;
      connected(false);
      // A stream that was refused is not asked for again by the browser itself.
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, 5_000);
    });
  }

  connect();
  return () => {
    clearTimeout(retry);
    source.close();
  };
}
