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

/** The time after which a page listens again that was about to be left and stays, as after a download. */
const stayedMs = 5_000;

/**
 * Listens while the page is visible. A browser opens six connections to a site, and a stream keeps one of them, so the hidden pages
 * of a reader with many tabs must keep none. A page that is about to be left hears nothing more: the end of the session would make it
 * reload, and break off the sign-out that has ended the session.
 * @returns a function that stops listening
 */
export function listenForRevisions({ revised, connected, signedOut }: RevisionListener): () => void {
  let source: EventSource | undefined;
  let hasEnded = false;
  let retry: ReturnType<typeof setTimeout> | undefined;

  function connect() {
    const stream = new EventSource('/events');
    source = stream;
    stream.addEventListener('open', () => connected(true));
    stream.addEventListener('revision', ({ data }) => revised(data));
    stream.addEventListener('ended', () => {
      hasEnded = true;
      stream.close();
      connected(false);
      signedOut?.();
    });
    stream.addEventListener('error', () => {
      connected(false);
      // The browser reconnects after a lost connection, but not after an HTTP error.
      if (stream.readyState === EventSource.CLOSED) retry = setTimeout(connect, retryDelayMs);
    });
  }

  function disconnect() {
    clearTimeout(retry);
    source?.close();
    source = undefined;
  }

  function follow() {
    if (document.hidden) disconnect();
    else if (source === undefined && !hasEnded) connect();
  }

  function pause() {
    disconnect();
    retry = setTimeout(follow, stayedMs);
  }

  document.addEventListener('visibilitychange', follow);
  window.addEventListener('beforeunload', pause);
  follow();
  return () => {
    document.removeEventListener('visibilitychange', follow);
    window.removeEventListener('beforeunload', pause);
    disconnect();
  };
}
