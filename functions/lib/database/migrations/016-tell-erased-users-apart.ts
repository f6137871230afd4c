import type { Knex } from 'knex';

/**
 * Notes when an erased user was created: an id alone can be that of somebody else in another directory, or after the restoration of
 * a backup. Rows from before have null.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('erased_users', (table) => {
    table.text('created_at');
  });
}
