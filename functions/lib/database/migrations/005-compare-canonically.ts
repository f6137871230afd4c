import type { Knex } from 'knex';
import { userKeys } from '../../users/keys.ts';

/** Users of one statement. */
const batchSize = 1_000;

/**
 * Computes the keys of all users by the comparison of today, in which an e-mail's domain is compared in ASCII.
 *
 * Two users whose e-mails differed before may have the same key now. Both are kept, so the key's index is no longer unique.
 * @see infra/docs/decisions/031-names-and-addresses.md
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('users', (table) => {
    table.dropUnique(['email_key'], 'users_email_key');
    table.dropIndex(['name_key', 'id'], 'users_name_key_id');
  });
  for (let last = 0; ; ) {
    const users = await knex('users')
      .select('id', 'name', 'email')
      .where('id', '>', last)
      .orderBy('id')
      .limit(batchSize);
    if (users.length === 0) break;
    last = users.at(-1).id;
    // A database in PostgreSQL has no users yet, so this is SQLite's own form.
    const rows = users.map(({ id, ...user }) => ({ id, ...userKeys(user) }));
    await knex.raw(
      `UPDATE users SET name_key = value ->> 'name_key', email_key = value ->> 'email_key', search_text = value ->> 'search_text'
       FROM json_each(?) WHERE users.id = value ->> 'id'`,
      [JSON.stringify(rows)],
    );
  }
  await knex.schema.alterTable('users', (table) => {
    table.index(['name_key', 'id'], 'users_name_key_id');
    table.index(['email_key', 'id'], 'users_email_key_id');
  });
}
