/** Runs the writes of a transaction, on either engine. */
import type { Connection, Write, WriteResult } from './engine.ts';
import { storeChanges } from './resources.ts';

/**
 * Runs writes one after the other, and then stores what they have recorded.
 * @param attempt runs one write, and undoes its changes if it throws
 * @returns one result for each write, in the same order
 */
export async function runWrites(
  connection: Connection,
  writes: readonly Write[],
  attempt: (write: Write) => Promise<WriteResult>,
): Promise<WriteResult[]> {
  connection.changes.take();
  const results: WriteResult[] = [];
  const [first] = writes;
  // A single write needs no savepoint: if it fails, the whole transaction rolls back.
  if (writes.length === 1 && first !== undefined) results.push({ value: await first(connection) });
  else for (const write of writes) results.push(await attempt(write));
  await storeChanges(connection);
  return results;
}
