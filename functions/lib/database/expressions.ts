/** SQL expressions that the two engines write differently. */
import type { Knex } from 'knex';

/** The expressions of one engine, and a figure that follows from its indexes. */
export interface Expressions {
  /** With fewer matches than this, sorting the matches is faster than looking for them in the order of an index. */
  readonly rareMatches: number;
  /** @returns a condition: the text contains one of the texts of so many parameters */
  containsOneOf(text: string, parameters: number): string;
  /** @returns the column with a line break and a space before it, so that a space comes before every word of it */
  asLine(column: string): string;
  /** @returns a query: a row for each object in the JSON list of one parameter, in that order, with these columns of a table */
  rowsOf(table: string, columns: readonly string[]): string;
  /** @returns a condition: the column has one of the values in the JSON list of one parameter, however many they are */
  isOneOf(column: string): string;
  /** @returns the column as an expression that has no index */
  withoutIndex(column: string): string;
}

const sqlite: Expressions = {
  rareMatches: 5_000,
  containsOneOf: (text, parameters) => `(${Array(parameters).fill(`instr(${text}, ?) > 0`).join(' OR ')})`,
  asLine: (column) => `(char(10) || ' ' || ${column})`,
  rowsOf: (_table, columns) =>
    `SELECT ${columns.map((column) => `value ->> '${column}'`).join(', ')} FROM json_each(?) ORDER BY key`,
  isOneOf: (column) => `${column} IN (SELECT value FROM json_each(?))`,
  withoutIndex: (column) => `+${column}`,
};

/** A pattern, unlike a position, can use a trigram index. The characters that mean something in a pattern are escaped. */
const pattern = String.raw`'%' || regexp_replace(?::text, '([\\%_])', '\\\1', 'g') || '%'`;

const postgres: Expressions = {
  // The trigram index finds matches quickly. Matches may stand close together in the order of another index, and far from its begin.
  rareMatches: 50_000,
  containsOneOf: (text, parameters) => `(${Array(parameters).fill(`${text} LIKE ${pattern}`).join(' OR ')})`,
  asLine: (column) => `(chr(10) || ' ' || ${column})`,
  rowsOf: (table, columns) => `SELECT ${columns.join(', ')} FROM json_populate_recordset(NULL::${table}, ?::json)`,
  // As an array, the list seeks in an index for each value. As a table, it is joined, and a new table without statistics is read whole.
  isOneOf: (column) => `${column} = ANY(ARRAY(SELECT jsonb_array_elements_text(?::jsonb)))`,
  withoutIndex: (column) => `coalesce(${column}, ${column})`,
};

/** @returns the expressions of the engine that Knex builds queries for */
export function expressionsOf(knex: Knex): Expressions {
  return knex.client.config.client === 'pg' ? postgres : sqlite;
}
