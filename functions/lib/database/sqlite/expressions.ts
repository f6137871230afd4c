/** SQL expressions that only SQLite understands. */

/** @returns a condition: the column contains the text of one parameter */
export function contains(column: string): string {
  return `instr(${column}, ?) > 0`;
}

/** @returns the column as an expression that has no index: the unary plus keeps SQLite from using one */
export function withoutIndex(column: string): string {
  return `+${column}`;
}
