import type { Knex } from 'knex';

/** Creates the table of answers to POST requests that had an Idempotency-Key. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('idempotency_keys', (table) => {
    table.text('key').primary();
    // SHA-256 of the body that came with the key.
    table.text('fingerprint').notNullable();
    // The user as the client got it, JSON.
    table.text('answer').notNullable();
    // Milliseconds since 1970.
    table.integer('created_at').notNullable().index('idempotency_keys_created_at');
  });
}
