/** SQL expressions that the two engines write differently. */
import type { Knex } from 'knex';

/** A condition in SQL, and the values of its parameters. */
export interface Condition {
  readonly sql: string;
  readonly bindings: readonly string[];
}

/** The expressions of one engine, and a figure that follows from its indexes. */
export interface Expressions {
  /** With fewer matches than this, if they are all counted, sorting the matches is faster than looking for them in the order of an index. */
  readonly rareMatches: number;
  /** Whether a search goes through the whole table, so that the ids which its count has found save going through it again. */
  readonly scansToSearch: boolean;
  /** Whether each statement is a message to a server and back. */
  readonly hasRoundTrips: boolean;
  /** @returns a condition with a parameter for each of the texts: the expression contains one of them */
  containsOneOf(expression: string, texts: readonly string[]): Condition;
  /** @returns the column with a line break and a space before it, so that a space comes before every word of it */
  asLine(column: string): string;
  /** @returns a query: a row for each object in the JSON list of one parameter, in that order, with these columns of a table */
  rowsOf(table: string, columns: readonly string[]): string;
  /**
   * @param type of the column
   * @returns a condition: the column has one of the values in the JSON list of one parameter, however many they are
   */
  isOneOf(column: string, type?: 'text' | 'bigint'): string;
  /** @returns the column as an expression that has no index */
  withoutIndex(column: string): string;
}

function oneOf(condition: string, bindings: readonly string[]): Condition {
  return { sql: `(${bindings.map(() => condition).join(' OR ')})`, bindings };
}

const sqlite: Expressions = {
  rareMatches: 5_000,
  scansToSearch: true,
  hasRoundTrips: false,
  containsOneOf: (expression, texts) => oneOf(`instr(${expression}, ?) > 0`, texts),
  asLine: (column) => `(char(10) || ' ' || ${column})`,
  rowsOf: (_table, columns) =>
    `SELECT ${columns.map((column) => `value ->> '${column}' AS ${column}`).join(', ')} FROM json_each(?) ORDER BY key`,
  isOneOf: (column) => `${column} IN (SELECT value FROM json_each(?))`,
  withoutIndex: (column) => `+${column}`,
};

/** @returns the pattern of LIKE for texts that contain this one; a trigram index can find them */
const patternOf = (text: string) => `%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`;

const postgres: Expressions = {
  // The trigram index finds all matches that are counted quickly. In another index they may stand close together, far from its begin.
  rareMatches: Number.POSITIVE_INFINITY,
  scansToSearch: false,
  hasRoundTrips: true,
  containsOneOf: (expression, texts) => oneOf(`${expression} LIKE ?`, texts.map(patternOf)),
  asLine: (column) => `(chr(10) || ' ' || ${column})`,
  rowsOf: (table, columns) => `SELECT ${columns.join(', ')} FROM json_populate_recordset(NULL::${table}, ?::json)`,
  // As an array, the list seeks in an index for each value. As a table, it is joined, and a new table without statistics is read whole.
  isOneOf: (column, type = 'text') => `${column} = ANY(ARRAY(SELECT jsonb_array_elements_text(?::jsonb)::${type}))`,
  withoutIndex: (column) => `coalesce(${column}, ${column})`,
};

/** @returns the expressions of the engine that Knex builds queries for */
export function expressionsOf(knex: Knex): Expressions {
  return knex.client.config.client === 'pg' ? postgres : sqlite;
}
