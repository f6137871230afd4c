import type { Knex } from 'knex';

/** Whether the cache may be used: one row, see infra/docs/decisions/001-cache-protocol.md. It begins untrusted. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('cache_trust', (table) => {
    table.integer('id').primary();
    table.text('epoch').notNullable();
    // The instance of the cache that is trusted; null: none is.
    table.text('instance');
    // How many times trust was lost.
    table.integer('lapses').notNullable();
  });
  await knex('cache_trust').insert({ id: 1, epoch: knex.raw('lower(hex(randomblob(16)))'), instance: null, lapses: 1 });
}
