/** SQL expressions that only SQLite understands. */

/** @returns a condition: the column contains the text of one parameter */
export function contains(column: string): string {
  return `instr(${column}, ?) > 0`;
}

/** @returns a condition: the column has one of the values in the JSON list of one parameter, however many they are */
export function isOneOf(column: string): string {
  return `${column} IN (SELECT value FROM json_each(?))`;
}

/** @returns the column as an expression that has no index: the unary plus keeps SQLite from using one */
export function withoutIndex(column: string): string {
  return `+${column}`;
}
