/** Reads the arguments that the commands of accounts share. */
import { isRole, type Role, roles } from '#lib/accounts/roles.ts';
import { InvalidRequest } from '#lib/errors.ts';
import { CommandError, UsageError } from '../transfer/command.ts';

/** @throws {UsageError} for a text that names no role */
export function roleOf(text: string | undefined): Role {
  if (isRole(text)) return text;
  throw new UsageError(`The role is "${text ?? ''}": it takes ${roles.join(', ')}`);
}

/**
 * Runs a check of the API on values of the command line.
 * @throws {UsageError} in the place of InvalidRequest
 */
export function checked<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof InvalidRequest) throw new UsageError(error.message);
    throw error;
  }
}

/** @returns a table of texts with aligned columns, a line for each row */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** @throws {CommandError} for a value that the database does not have */
export function found<T>(value: T | undefined, message: string): T {
  if (value === undefined) throw new CommandError(message);
  return value;
}
