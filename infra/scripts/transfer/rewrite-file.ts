/** Makes SQLite forget the bytes of deleted rows. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Row } from '#lib/database/engine.ts';
import type { Directory } from './directories.ts';

/** How often the command tries to empty the log of SQLite, and the pause between. A reader delays it for a moment. */
const maxCheckpoints = 100;
const checkpointPauseMs = 20;

/**
 * Rewrites the file of SQLite after an erasure. Without it the bytes of deleted rows stay in the free space of the file, and in its
 * log, until others take their place.
 * @returns what the person who erases must know; undefined when the file is rewritten
 */
export async function rewriteFile(database: Directory['database']): Promise<string | undefined> {
  try {
    await database.use((connection) => connection.run('VACUUM'));
  } catch (error) {
    const { message } = error as Error;
    return `The file of SQLite could not be rewritten (${message}), so its free space keeps bytes of erased people; make room on its disk, and erase them again`;
  }
  for (let attempt = 1; attempt <= maxCheckpoints; attempt++) {
    const [result] = await database.use((connection) =>
      connection.all<Row & { busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)'),
    );
    if (result?.busy === 0) return undefined;
    await sleep(checkpointPauseMs);
  }
  return 'Readers keep the log of SQLite open, so it has bytes of erased people; erase them again, or restart the API';
}
