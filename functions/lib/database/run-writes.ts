/** Runs the writes of a transaction, on either engine. */
import type { BulkWrite, Connection, Write, WriteResult } from './engine.ts';
import { storeChanges } from './resources.ts';
import { unwrap } from './unwrap.ts';

/** Work that gives the results of one write, or of several. */
export type WriteStep = (connection: Connection) => Promise<readonly WriteResult[]>;

/**
 * Runs writes one after the other, and then stores what they have recorded. Bulk writes beside each other run together. If
 * that fails, each of them runs alone, so that only the faulty one fails.
 * @param attempt runs one step, and undoes its changes if it throws
 * @returns one result for each write, in the same order
 */
export async function runWrites(
  connection: Connection,
  writes: readonly Write[],
  attempt: (step: WriteStep) => Promise<WriteResult<readonly WriteResult[]>>,
): Promise<WriteResult[]> {
  connection.changes.take();
  const results: WriteResult[] = [];
  if (writes.length === 1) results.push(await runOnly(connection, writes));
  else {
    for (const group of groupsOf(writes)) {
      const together = await attempt(stepOf(group));
      if ('value' in together) results.push(...together.value);
      else if (group.length === 1) results.push(together);
      else {
        for (const write of group) {
          const alone = await attempt(stepOf([write]));
          results.push(...('value' in alone ? alone.value : [alone]));
        }
      }
    }
  }
  await storeChanges(connection);
  return results;
}

/** A single write needs no savepoint: if it fails, the whole transaction rolls back. */
async function runOnly(connection: Connection, writes: readonly Write[]): Promise<WriteResult> {
  const [result] = await stepOf(writes)(connection);
  return { value: unwrap(result) };
}

/** @returns the writes in their order; bulk writes of the same work that follow each other are one group */
function groupsOf(writes: readonly Write[]): Write[][] {
  const groups: Write[][] = [];
  for (const write of writes) {
    const group = groups.at(-1);
    const other = group?.[0];
    if (isBulk(write) && other !== undefined && isBulk(other) && other.work === write.work) group?.push(write);
    else groups.push([write]);
  }
  return groups;
}

function stepOf(group: readonly Write[]): WriteStep {
  const bulk = group.filter(isBulk);
  const [first] = group;
  return async (connection) => {
    if (first === undefined) return [];
    if (!isBulk(first)) return [{ value: await first(connection) }];
    return first.work(
      connection,
      bulk.map(({ input }) => input),
    );
  };
}

function isBulk(write: Write): write is BulkWrite {
  return typeof write !== 'function';
}
