import type { Knex } from 'knex';
import { newToken } from '../../token.ts';

/** The apostrophes in folded texts, as schema version 7 stored them. */
const apostrophes = ["'", 'ʽ', 'ʾ', 'ʿ', 'ꞌ', '՚', '׳'];

/**
 * Removes apostrophes from the texts by which users are sorted and found, as `fold` does from now on: a search for `oneill`
 * finds O’Neill.
 *
 * The database removes them in one statement for each table. It writes the few rows that have an apostrophe, and no others.
 */
export async function up(knex: Knex): Promise<void> {
  const without = (column: string) => apostrophes.reduce((text) => `replace(${text}, ?, '')`, column);
  for (const table of ['users', 'users_bin']) {
    const set = `name_key = ${without('name_key')}, search_text = ${without('search_text')}`;
    const isOld = `search_text <> ${without('search_text')}`;
    const marks = [...apostrophes, ...apostrophes, ...apostrophes];
    await knex.raw(`UPDATE ${table} SET ${set} WHERE ${isOld}`, marks);
    // The entity tag of a list is the revision, and the order of the list has changed.
    await knex('resources').where({ name: table }).update({ revision: newToken() });
  }
}
