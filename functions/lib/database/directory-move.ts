/** The mark of a directory that has moved to another database, and of one whose move into this database has not ended. */
import { ConfigurationError } from '../errors.ts';
import { newToken } from '../token.ts';
import type { Connection } from './engine.ts';

/** The mark of a move in one database. */
export interface DirectoryMove {
  /** The same in both databases. */
  readonly id: string;
  /** Where the directory is now, without a password; set in the database that it has left. */
  readonly to?: string;
  /** Where the directory comes from; set in the database that it goes to, until the other one is marked. */
  readonly from?: string;
}

/** @param mark the column `move` of `cache_state` */
export function parseMove(mark: string | null): DirectoryMove | undefined {
  return mark === null ? undefined : (JSON.parse(mark) as DirectoryMove);
}

/**
 * Sets or removes the mark. The new epoch ends every write that has begun before.
 * @param move undefined for a directory that is at home
 */
export async function markMove(connection: Connection, move: DirectoryMove | undefined): Promise<void> {
  const mark = move === undefined ? null : JSON.stringify(move);
  await connection.run('UPDATE cache_state SET move = ?, epoch = ? WHERE id = 1', mark, newToken());
}

/** @throws {ConfigurationError} when the directory is not at home in this database */
export function refuseMoved(mark: string | null): void {
  const move = parseMove(mark);
  if (move === undefined) return;
  if (move.to === undefined) {
    throw new ConfigurationError(
      `DATABASE_URL: the move of the directory from ${move.from} into this database has not ended; run npm run move again`,
    );
  }
  throw new ConfigurationError(
    `DATABASE_URL: the directory has moved to ${move.to}; set DATABASE_URL to that address, or run npm run move -- --reopen with this one`,
  );
}
