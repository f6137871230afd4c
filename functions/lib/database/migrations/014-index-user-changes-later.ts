import type { Knex } from 'knex';

/**
 * Replaces the index by user of `user_changes` by a table that gets many changes at once. Each change is of another user than the one
 * before, so the index cost each change a page of the log, while the table itself grows at its end.
 * @see infra/docs/decisions/060-index-changes-later.md
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('user_changes', (table) => {
    table.dropIndex(['user_id', 'id'], 'user_changes_user_id_id');
  });
  // SQLite would keep the rows a second time, in the order of hidden numbers.
  const end = knex.client.config.client === 'pg' ? '' : 'WITHOUT ROWID';
  await knex.raw(
    `CREATE TABLE user_change_index (
       user_id integer NOT NULL, change_id bigint NOT NULL, PRIMARY KEY (user_id, change_id)
     ) ${end}`,
  );
  // One row: the index has all changes up to this one.
  await knex.schema.createTable('user_change_index_end', (table) => {
    table.bigInteger('change_id').notNullable();
  });
  await knex.raw(
    'INSERT INTO user_change_index (user_id, change_id) SELECT user_id, id FROM user_changes ORDER BY user_id, id',
  );
  await knex.raw('INSERT INTO user_change_index_end (change_id) SELECT coalesce(max(id), 0) FROM user_changes');
}
