import type { Knex } from 'knex';

/**
 * Makes a list of erased users that also has the time at which each of them was created: an id alone can be that of somebody else in
 * another directory, or after the restoration of a backup. The older list stays for users of whom nobody knows that time, and for
 * the erasures of older functions.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('erasures', (table) => {
    table.integer('user_id').notNullable();
    table.text('created_at').notNullable();
    table.text('erased_at').notNullable();
    table.primary(['user_id', 'created_at']);
  });
}
