import type { Knex } from 'knex';
import { newToken } from '../../token.ts';

/**
 * Writes `ss` for the capital ẞ in the keys by which users, people and API keys are compared, as `foldCase` and `fold` do from now
 * on: `STRAẞE@example.com` and `straße@example.com` are one address. Only this letter left an ß in a key.
 *
 * Users whose addresses become the same are both kept. A person or an API key whose name another one has by now keeps its key.
 */
export async function up(knex: Knex): Promise<void> {
  const folded = (column: string) => `replace(${column}, 'ß', 'ss')`;
  for (const table of ['users', 'users_bin']) {
    const columns = ['name_key', 'email_key', 'search_text'];
    const set = columns.map((column) => `${column} = ${folded(column)}`).join(', ');
    await knex.raw(`UPDATE ${table} SET ${set} WHERE search_text LIKE '%ß%'`);
    // The entity tag of a list is the revision, and the order of the list has changed.
    await knex('resources').where({ name: table }).update({ revision: newToken() });
  }
  for (const table of ['people', 'api_keys']) {
    const rows = await knex(table).select('id', 'name_key').where('name_key', 'like', '%ß%');
    for (const { id, name_key: key } of rows) {
      const newKey = key.replaceAll('ß', 'ss');
      const isTaken = await knex(table).where({ name_key: newKey }).first('id');
      if (!isTaken) await knex(table).where({ id }).update({ name_key: newKey });
    }
  }
}
