/** Tells by the code of a SQLite error what went wrong. @see https://www.sqlite.org/rescode.html */

/** @returns the code of a system or SQLite error, such as ENOENT or SQLITE_BUSY; `unknown error` if it has none */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown error';
}

/** @returns whether another process holds a lock that this one needs; trying again helps */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(errorCode(error));
}

/** @returns whether no process can read or write the file at all */
export function isUnusable(error: unknown): boolean {
  return /^SQLITE_(CANTOPEN|IOERR|READONLY|NOTADB|CORRUPT|FULL)/.test(errorCode(error));
}
