import type { Knex } from 'knex';

/**
 * Lets `cache_state` tell that the directory has moved to another database, or that a move into this one has not ended. Each write
 * reads the row anyway.
 * @see infra/docs/decisions/045-backup-restore-move.md
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('cache_state', (table) => {
    // JSON with the id of the move and one address, `to` or `from`; null where the directory is at home.
    table.text('move');
  });
}
