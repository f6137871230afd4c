import type { Knex } from 'knex';

/**
 * Creates the history of users: a row for each change, written in the transaction of the change. Rows are numbered in the order of
 * the changes, so the oldest ones are found without an index on the time.
 *
 * Creates the list of erased users, too. Only their ids are kept, so that the restore of an older backup can erase them again.
 * @see infra/docs/decisions/052-history.md
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('user_changes', (table) => {
    table.bigIncrements('id');
    // No foreign key: a change outlives its user, until its days are over or the person is erased.
    table.integer('user_id').notNullable();
    // create, update, delete, restore or purge.
    table.text('action').notNullable();
    // The user's name, e-mail and version as JSON; null where there is no user before or after the change.
    table.text('before');
    table.text('after');
    // person, key, anonymous or system.
    table.text('actor_kind').notNullable();
    table.text('actor_id');
    table.text('actor_name');
    table.text('request_id');
    table.text('changed_at').notNullable();
    table.index(['user_id', 'id'], 'user_changes_user_id_id');
  });
  await knex.schema.createTable('erased_users', (table) => {
    table.integer('user_id').primary();
    table.text('erased_at').notNullable();
  });
}
