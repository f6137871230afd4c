import type { Knex } from 'knex';
import { newToken } from '../../token.ts';

/**
 * Makes the tables that users had for themselves serve any resource.
 *
 * - `directory` becomes `resources`, with one row for each resource.
 * - `idempotency_keys` gets the resource into its primary key, so that one client key may create a user and a tag.
 * - `cache_trust` becomes `cache_state`. Its row begins revoked, so the cache is emptied before its first use.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('resources', (table) => {
    // Plural and singular; both are prefixes of cache keys.
    table.text('name').primary();
    table.text('item').notNullable().unique();
    table.integer('total').notNullable();
    // New with every transaction that changes an item: the entity tag of lists.
    table.text('revision').notNullable();
  });
  const [directory] = await knex('directory').select('total', 'revision');
  await knex('resources').insert({ name: 'users', item: 'user', ...directory });
  await knex.schema.dropTable('directory');

  await knex.schema.renameTable('idempotency_keys', 'old_idempotency_keys');
  await knex.schema.alterTable('old_idempotency_keys', (table) => {
    table.dropIndex('created_at', 'idempotency_keys_created_at');
    // In PostgreSQL the key keeps its name when its table is renamed, and the new table needs that name.
    if (knex.client.config.client === 'pg') table.dropPrimary('idempotency_keys_pkey');
  });
  await knex.schema.createTable('idempotency_keys', (table) => {
    table.text('resource').notNullable();
    table.text('key').notNullable();
    // SHA-256 of the body that came with the key.
    table.text('fingerprint').notNullable();
    // The created item as the client got it, JSON.
    table.text('answer').notNullable();
    // Milliseconds since 1970.
    table.bigInteger('created_at').notNullable().index('idempotency_keys_created_at');
    table.primary(['resource', 'key']);
  });
  await knex('idempotency_keys').insert(
    knex('old_idempotency_keys').select(knex.raw("'users', key, fingerprint, answer, created_at")),
  );
  await knex.schema.dropTable('old_idempotency_keys');

  await knex.schema.dropTable('cache_trust');
  await knex.schema.createTable('cache_state', (table) => {
    table.integer('id').primary();
    table.text('epoch').notNullable();
    // The Redis instance or cache file that processes may use; null while the cache is revoked.
    table.text('instance');
    // How many times the cache was revoked.
    table.integer('revocations').notNullable();
  });
  await knex('cache_state').insert({
    id: 1,
    epoch: newToken(),
    instance: null,
    revocations: 1,
  });
}
