import type { Knex } from 'knex';
import { newToken } from '../../token.ts';

/** Creates the one row that says whether the cache may be used. @see infra/docs/decisions/001-cache-protocol.md */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('cache_trust', (table) => {
    table.integer('id').primary();
    table.text('epoch').notNullable();
    // The Redis instance or cache file that processes may use; null while they may use none.
    table.text('instance');
    // How many times the cache was revoked.
    table.integer('lapses').notNullable();
  });
  await knex('cache_trust').insert({ id: 1, epoch: newToken(), instance: null, lapses: 1 });
}
