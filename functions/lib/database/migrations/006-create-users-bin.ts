import type { Knex } from 'knex';
import { newToken } from '../../token.ts';

/**
 * Creates the bin of deleted users. Its columns are those of `users`, and the time of the deletion.
 *
 * E-mails are not unique here: an address may have been given to a new user, who was deleted too.
 * @see infra/docs/decisions/033-bin.md
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('users_bin', (table) => {
    // The id of the user, which no other user ever gets.
    table.integer('id').primary();
    table.text('name').notNullable();
    table.text('email').notNullable();
    table.text('name_key').notNullable();
    table.text('email_key').notNullable();
    table.text('search_text').notNullable();
    table.text('created_at').notNullable();
    table.text('updated_at').notNullable();
    table.integer('version').notNullable();
    table.text('deleted_at').notNullable();
    table.index(['name_key', 'id'], 'users_bin_name_key_id');
    table.index(['email_key', 'id'], 'users_bin_email_key_id');
    table.index(['deleted_at', 'id'], 'users_bin_deleted_at_id');
  });
  await knex('resources').insert({ name: 'users_bin', item: 'user_in_bin', total: 0, revision: newToken() });
}
