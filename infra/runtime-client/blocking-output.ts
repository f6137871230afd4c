/** Makes a function's process write its log synchronously. */

interface Blockable {
  _handle?: { setBlocking?(blocking: boolean): void };
}

/**
 * Makes every write to stdout and stderr wait until the pipe has taken it. The log then arrives before the answer, as on
 * Lambda, where it goes to a file descriptor synchronously. When the router stops reading, because nobody reads the router's
 * own log, the handler waits instead of collecting its log in memory. Node.js has no public API for this.
 */
export function writeOutputSynchronously(): void {
  for (const { _handle: handle } of [process.stdout, process.stderr] as Blockable[]) handle?.setBlocking?.(true);
}
