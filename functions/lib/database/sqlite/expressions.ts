/** SQL expressions that only SQLite understands. */

/** @returns a condition: the text contains one of the texts of so many parameters */
export function containsOneOf(text: string, parameters: number): string {
  return `(${Array(parameters).fill(`instr(${text}, ?) > 0`).join(' OR ')})`;
}

/** @returns the column with a line break and a space before it, so that a space comes before every word of it */
export function asLine(column: string): string {
  return `(char(10) || ' ' || ${column})`;
}

/** @returns a condition: the column has one of the values in the JSON list of one parameter, however many they are */
export function isOneOf(column: string): string {
  return `${column} IN (SELECT value FROM json_each(?))`;
}

/** @returns the column as an expression that has no index: the unary plus keeps SQLite from using one */
export function withoutIndex(column: string): string {
  return `+${column}`;
}
