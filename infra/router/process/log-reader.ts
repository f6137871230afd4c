/**
 * Notices when nobody reads the router's stdout, which carries the functions' logs too. A pipe holds 64 kB, and Node.js
 * keeps everything beyond that in memory.
 */

/** How much unread output makes the functions wait (bytes). A reader that is a little late must not slow anything. */
const maxUnreadBytes = 1024 * 1024;

let caughtUp: Promise<void> | undefined;

/** @returns a promise for the moment at which the reader has taken everything, if it is too late; otherwise undefined */
export function readerCatchesUp(): Promise<void> | undefined {
  if (process.stdout.writableLength <= maxUnreadBytes) return undefined;
  caughtUp ??= new Promise((resolve) => {
    process.stdout.once('drain', () => {
      caughtUp = undefined;
      resolve();
    });
  });
  return caughtUp;
}
