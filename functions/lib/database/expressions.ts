/** SQL expressions that the two engines write differently. */
import type { Knex } from 'knex';

/** The expressions of one engine. */
export interface Expressions {
  /** @returns a condition: the text contains one of the texts of so many parameters */
  containsOneOf(text: string, parameters: number): string;
  /** @returns the column with a line break and a space before it, so that a space comes before every word of it */
  asLine(column: string): string;
  /** @returns a condition: the column has one of the values in the JSON list of one parameter, however many they are */
  isOneOf(column: string): string;
  /** @returns the column as an expression that has no index */
  withoutIndex(column: string): string;
}

const sqlite: Expressions = {
  containsOneOf: (text, parameters) => `(${Array(parameters).fill(`instr(${text}, ?) > 0`).join(' OR ')})`,
  asLine: (column) => `(char(10) || ' ' || ${column})`,
  isOneOf: (column) => `${column} IN (SELECT value FROM json_each(?))`,
  withoutIndex: (column) => `+${column}`,
};

/** @returns the expressions of the engine that Knex builds queries for */
export function expressionsOf(_knex: Knex): Expressions {
  return sqlite;
}
