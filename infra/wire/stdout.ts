/** What a process writes to stdout, and when it has left. */

/**
 * Waits until all that was written has left the process, if it has not: a pipe takes some hundred lines at once, Node
 * keeps the rest, and `process.exit` drops it.
 */
export function outputWritten(): Promise<void> | undefined {
  if (process.stdout.writableLength === 0) return undefined;
  return new Promise((resolve) => process.stdout.write('', () => resolve()));
}

/** Milliseconds that a reader who is late gets before the process ends without him. */
const patience = 1000;

/** Ends the process, once its output has left it. */
export async function exit(code: number): Promise<never> {
  setTimeout(() => process.exit(code), patience);
  await outputWritten();
  process.exit(code);
}
