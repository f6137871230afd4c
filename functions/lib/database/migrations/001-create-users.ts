import type { Knex } from 'knex';

/**
 * `users`, and `directory`: one row with what is known of all users together.
 *
 * Next to name and e-mail stand the forms that sorting, searching and uniqueness go by; they are made in JavaScript,
 * because SQLite folds the case of ASCII alone.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('users', (table) => {
    // AUTOINCREMENT: the id of a deleted user is never given to another one.
    table.increments('id');
    table.text('name').notNullable();
    table.text('email').notNullable();
    table.text('name_key').notNullable();
    table.text('email_key').notNullable();
    table.text('search_text').notNullable();
    table.text('created_at').notNullable();
    table.text('updated_at').notNullable();
    table.integer('version').notNullable();
    table.unique(['email_key'], { indexName: 'users_email_key' });
    table.index(['name_key', 'id'], 'users_name_key_id');
    table.index(['created_at', 'id'], 'users_created_at_id');
  });
  await knex.schema.createTable('directory', (table) => {
    table.integer('id').primary();
    table.integer('total').notNullable();
    // Random, and new with every transaction that changes a user: the ETag of lists.
    table.text('revision').notNullable();
  });
  await knex('directory').insert({ id: 1, total: 0, revision: knex.raw('lower(hex(randomblob(8)))') });
}
