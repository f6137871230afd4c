/**
 * Finds the changes of a user in the table `user_changes`. The changes since the last call of `indexChanges` are not in the index
 * yet, and a reader goes through them.
 * @see infra/docs/decisions/060-index-changes-later.md
 */
import type { Connection } from '../database/engine.ts';

/** A query of the ids of a user's changes; it has two parameters, which are both the user's id. */
export const changesOfUser = `SELECT change_id FROM user_change_index WHERE user_id = ?
  UNION ALL
  SELECT id FROM user_changes WHERE id > (SELECT change_id FROM user_change_index_end) AND user_id = ?`;

/** Adds all changes that are not in the index, inside a write transaction. */
export async function indexChanges(connection: Connection): Promise<void> {
  await connection.run(
    `INSERT INTO user_change_index (user_id, change_id)
     SELECT user_id, id FROM user_changes WHERE id > (SELECT change_id FROM user_change_index_end) ORDER BY user_id, id`,
  );
  await connection.run('UPDATE user_change_index_end SET change_id = (SELECT coalesce(max(id), 0) FROM user_changes)');
}

/** Makes the index new from the table, after something else than writes of users has filled it. */
export async function rebuildChangeIndex(connection: Connection): Promise<void> {
  await connection.run('DELETE FROM user_change_index');
  await connection.run('UPDATE user_change_index_end SET change_id = 0');
  await indexChanges(connection);
}
