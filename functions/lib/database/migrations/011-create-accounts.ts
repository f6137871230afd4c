import type { Knex } from 'knex';

/**
 * Creates the people who sign in, their sessions and links, the API keys, and the failures of sign-in. No table holds a password,
 * a token or a key: each has a hash of it.
 *
 * Times are ISO 8601 in UTC. An `id` of 16 hexadecimal digits is the public part of a credential.
 * @see infra/docs/decisions/053-accounts.md
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('people', (table) => {
    table.increments('id');
    table.text('name').notNullable();
    table.text('name_key').notNullable();
    table.text('email');
    table.text('role').notNullable();
    // Null until the person has chosen one.
    table.text('password_hash');
    table.text('disabled_at');
    table.text('created_at').notNullable();
    table.text('signed_in_at');
    table.unique(['name_key'], { indexName: 'people_name_key' });
  });
  await knex.schema.createTable('sessions', (table) => {
    table.text('id').primary();
    table.text('secret_hash').notNullable();
    table.integer('person_id').notNullable().index('sessions_person_id');
    table.text('created_at').notNullable();
    table.text('used_at').notNullable();
    table.text('expires_at').notNullable().index('sessions_expires_at');
  });
  await knex.schema.createTable('api_keys', (table) => {
    table.text('id').primary();
    table.text('secret_hash').notNullable();
    table.text('name').notNullable();
    table.text('name_key').notNullable();
    table.text('role').notNullable();
    table.text('created_at').notNullable();
    table.text('used_at');
    // Null for a key that does not expire.
    table.text('expires_at');
    table.text('revoked_at');
    table.unique(['name_key'], { indexName: 'api_keys_name_key' });
  });
  await knex.schema.createTable('account_links', (table) => {
    table.text('id').primary();
    table.text('secret_hash').notNullable();
    table.integer('person_id').notNullable().index('account_links_person_id');
    table.text('created_at').notNullable();
    table.text('expires_at').notNullable().index('account_links_expires_at');
  });
  await knex.schema.createTable('sign_in_failures', (table) => {
    // SHA-256 of the account's name or the client's address: the table tells neither.
    table.text('id').primary();
    table.integer('failures').notNullable();
    table.text('blocked_until').notNullable();
    table.text('updated_at').notNullable().index('sign_in_failures_updated_at');
  });
}
