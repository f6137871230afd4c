/** Listens in the browser to the site's event stream, which tells when a user changed (decision 010). */

/** The callbacks of one listener. */
export interface RevisionListener {
  /** Called with the revision of all users, at the start and at each change. */
  revised: (revision: string) => void;
  connected: (yes: boolean) => void;
  /** Called when the reader's session has ended. The listener then gets no more revisions. */
  signedOut?: () => void;
}

/** The time before the next attempt after the site refused a stream. */
const retryDelayMs = 5_000;

/** @returns a function that stops listening */
export function listenForRevisions({ revised, connected, signedOut }: RevisionListener): () => void {
  let source: EventSource;
  let retry: ReturnType<typeof setTimeout> | undefined;

  function connect() {
    source = new EventSource('/events');
    source.addEventListener('open', () => connected(true));
    source.addEventListener('revision', ({ data }) => revised(data));
    source.addEventListener('ended', () => {
      source.close();
      connected(false);
      signedOut?.();
    });
    source.addEventListener('error', () => {
      connected(false);
      // The browser reconnects after a lost connection, but not after an HTTP error.
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, retryDelayMs);
    });
  }

  connect();
  return () => {
    clearTimeout(retry);
    source.close();
  };
}
