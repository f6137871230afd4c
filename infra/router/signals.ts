/** Signals that end a program. */

/** Milliseconds in which a second signal is the first one again: Ctrl-C comes from the terminal and from who started us. */
const sameSignal = 1000;

/**
 * @param stop    called once, at the first SIGTERM or SIGINT
 * @param abandon called at one that comes later, and means it
 */
export function onStopSignals(stop: (signal: NodeJS.Signals) => void, abandon: () => void): void {
  let since: number | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (since === undefined) {
        since = Date.now();
        stop(signal);
      } else if (Date.now() - since > sameSignal) abandon();
    });
  }
}
