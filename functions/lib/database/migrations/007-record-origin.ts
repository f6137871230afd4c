import type { Knex } from 'knex';

/**
 * Lets `cache_state` tell in which database its row was written. A database that was restored, or that lost its last commits in
 * a failover, holds an old row: its `origin` is not the database's identity any more.
 * @see infra/docs/decisions/038-engines.md
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('cache_state', (table) => {
    table.text('origin').notNullable().defaultTo('');
  });
}
