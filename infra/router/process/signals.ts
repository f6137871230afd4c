/** Ends the router at SIGTERM or SIGINT. */
import { exitAfterOutput } from '../../wire/stdout.ts';
import { log } from './log.ts';

/** A second signal within this time (ms) repeats the first: the terminal and npm both send one at Ctrl-C. */
const repeatedSignalMs = 1000;

export interface StopOptions {
  /** How long the reader of stdout may take for the rest of the log (ms), once `stop` is done. */
  maxOutputWaitMs: number;
  /** Called on a second signal: ends all work at once, without waiting for `stop`. */
  abandon?: () => void;
}

/**
 * Stops the program at the first SIGTERM or SIGINT and ends the process with 0. A second signal ends it with 1.
 * @param stop lets work in progress finish
 */
export function onStopSignals(stop: () => Promise<void>, { maxOutputWaitMs, abandon }: StopOptions): void {
  let stoppingSince: number | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, async () => {
      if (stoppingSince === undefined) {
        stoppingSince = Date.now();
        log.info('Shutting down', { signal });
        await stop();
        await exitAfterOutput(0, maxOutputWaitMs);
      } else if (Date.now() - stoppingSince > repeatedSignalMs) {
        abandon?.();
        process.exit(1);
      }
    });
  }
}
