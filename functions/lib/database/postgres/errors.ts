/** Tells by the code of an error of PostgreSQL or of the network what went wrong. @see https://www.postgresql.org/docs/15/errcodes-appendix.html */
import { DatabaseUnavailable } from '../../errors.ts';

/** @returns an SQLSTATE such as 40001, or a code of the system such as ECONNRESET; an empty text if the error has none */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** @returns whether the server itself has refused the statement: its transaction is rolled back for certain */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'severity' in error && error.severity === 'ERROR';
}

/** @returns whether the connection is gone, or nobody knows what the server does with the last statement */
export function isLost(error: unknown): boolean {
  if (/^(08...|57P0[1-5]|ECONNRESET|EPIPE|ETIMEDOUT)$/.test(codeOf(error))) return true;
  const message = error instanceof Error ? error.message : '';
  // Knex, which runs the migrations, puts the statement before the message.
  return /(^| - )(Connection terminated|Query read timeout|Client has encountered a connection error)/.test(message);
}

/** @returns whether the same transaction can succeed when it runs again: serialization, deadlock, a plan from before a migration */
export function isConflict(error: unknown): boolean {
  return /^(40001|40P01)$/.test(codeOf(error)) || /cached plan must not change/.test(String(error));
}

/** @returns whether the server has too many connections for the moment, or is starting */
export function isBusy(error: unknown): boolean {
  return /^(53300|57P03)$/.test(codeOf(error));
}

/** @returns whether no statement can run now: no server, a standby, a lock that another transaction keeps, no memory or disk */
export function isUnavailable(error: unknown): boolean {
  if (isLost(error) || isBusy(error)) return true;
  if (/^(53...|25006|55P03|55000|57014|28...|3D000|ECONN.*|E(NOTFOUND|AI_AGAIN|HOSTUNREACH))$/.test(codeOf(error)))
    return true;
  return /^timeout exceeded when trying to connect/.test(error instanceof Error ? error.message : '');
}

/** @returns the error for a client: 503 where the server can't run the statement now or gives up after a conflict, else the same error */
export function clientError(error: unknown): unknown {
  return isUnavailable(error) || isConflict(error) ? new DatabaseUnavailable({ cause: error }) : error;
}

/** @returns whether a table or a column is missing, as while the schema has another version */
export function isSchemaFault(error: unknown): boolean {
  return /^42(P01|703)$/.test(codeOf(error));
}
