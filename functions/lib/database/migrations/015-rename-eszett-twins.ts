import type { Knex } from 'knex';

/**
 * Renames the people and API keys whose names migration 013 made equal to another's: `GROẞ` beside `Gross` becomes `GROẞ (2)`. Their
 * keys have an ß, which no name leads to any more, so every command and sign-in with their names met the other one.
 */
export async function up(knex: Knex): Promise<void> {
  for (const table of ['people', 'api_keys']) {
    const rows = await knex(table).select('id', 'name', 'name_key').where('name_key', 'like', '%ß%');
    for (const { id, name, name_key: key } of rows) {
      for (let number = 2; ; number++) {
        const newKey = `${key.replaceAll('ß', 'ss')} (${number})`;
        if (await knex(table).where({ name_key: newKey }).first('id')) continue;
        await knex(table)
          .where({ id })
          .update({ name: `${name} (${number})`, name_key: newKey });
        break;
      }
    }
  }
}
