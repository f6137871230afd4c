/** Signals that end a program. */

import { exit } from '../../wire/stdout.ts';
import { log } from './log.ts';

/** Milliseconds in which a second signal is the first one again: Ctrl-C comes from the terminal and from who started us. */
const sameSignal = 1000;

/**
 * Ends the process.
 * @param stop    what comes before, at the first SIGTERM or SIGINT
 * @param abandon and at one that comes later, and means it
 */
export function onStopSignals(stop: () => Promise<void>, abandon = () => {}): void {
  let since: number | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, async () => {
      if (since === undefined) {
        since = Date.now();
        log.info('Shutting down', { signal });
        await stop();
        await exit(0);
      } else if (Date.now() - since > sameSignal) {
        abandon();
        process.exit(1);
      }
    });
  }
}
