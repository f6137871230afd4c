/** Hears from the site that somebody changed a user. */

export interface LiveListener {
  /** Told which revision of all users there is, when it begins and at each change. */
  revised: (revision: string) => void;
  connected: (yes: boolean) => void;
}

const patience = 5_000;

/** Listens until the returned function is called. */
export function listen({ revised, connected }: LiveListener): () => void {
  let source: EventSource;
  let retry: ReturnType<typeof setTimeout> | undefined;

  function connect() {
    source = new EventSource('/events');
    source.addEventListener('open', () => connected(true));
    source.addEventListener('revision', ({ data }) => revised(data));
    source.addEventListener('error', () => {
      connected(false);
      // A stream that was refused is not asked for again by the browser itself.
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, patience);
    });
  }

  connect();
  return () => {
    clearTimeout(retry);
    source.close();
  };
}
