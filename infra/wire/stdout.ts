/** Ends the router's process without losing its output. */

/**
 * Waits until the reader of stdout has taken everything that was written. A pipe holds 64 kB; Node.js keeps the rest in
 * memory, and `process.exit` drops it.
 */
function outputWritten(): Promise<void> {
  return new Promise((resolve) => process.stdout.write('', () => resolve()));
}

/**
 * Ends the process once its output has left it.
 * @param code        exit code
 * @param maxWaitMs   how long a reader that does not read may hold up the end (ms); after it the rest of the output is lost
 */
export async function exitAfterOutput(code: number, maxWaitMs: number): Promise<never> {
  setTimeout(() => process.exit(code), maxWaitMs);
  await outputWritten();
  process.exit(code);
}
