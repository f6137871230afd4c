/** Shows on stderr how far a long command is: a bar on a terminal, a line at every tenth elsewhere. */
import { SingleBar } from 'cli-progress';

/** The progress of one command. */
export interface Progress {
  start(): void;
  /** @param done how many units are done, of the total */
  update(done: number): void;
  stop(): void;
}

/**
 * @param total how many units there are
 * @param unit their name, such as `users`
 */
export function progressOf(total: number, unit: string): Progress {
  return process.stderr.isTTY ? bar(total, unit) : lines(total, unit);
}

function bar(total: number, unit: string): Progress {
  const format = `{bar} {percentage}% | {value} of {total} ${unit} | {eta_formatted} left`;
  const single = new SingleBar({ format, hideCursor: true, etaBuffer: 500, gracefulExit: false });
  return {
    start: () => single.start(total, 0),
    update: (done) => single.update(done),
    stop: () => single.stop(),
  };
}

function lines(total: number, unit: string): Progress {
  let tenth = 0;
  return {
    start: () => {},
    update: (done) => {
      const reached = Math.floor((done * 10) / Math.max(total, 1));
      if (reached === tenth) return;
      tenth = reached;
      process.stderr.write(`${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${unit}\n`);
    },
    stop: () => {},
  };
}
