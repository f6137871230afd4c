import type { Knex } from 'knex';
import { newToken } from '../../token.ts';

/**
 * Creates `users`, and `directory`, whose one row describes all users together.
 *
 * `name_key`, `email_key` and `search_text` are normalized forms for sorting, uniqueness and searching. JavaScript makes
 * them, because SQLite folds the case of ASCII letters only.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('users', (table) => {
    // AUTOINCREMENT: SQLite never gives the id of a deleted user to another one.
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
    // Random, and new with every transaction that changes a user: the entity tag of lists.
    table.text('revision').notNullable();
  });
  await knex('directory').insert({ id: 1, total: 0, revision: newToken() });
}
