/** Keeps the development database at the schema of the checked-out code, although migrations only go forward. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';

/** SQLite's own files beside the database, and the embedded cache with its own. */
const besides = ['-wal', '-shm', '-cache', '-cache-wal', '-cache-shm'];

/**
 * Call this before the migrations run, while nothing has the database open. Before newer migrations run, it copies the
 * database. Where the database has migrations that the code does not have, or has changed since, it puts the copy from
 * before them in place; the replaced file is kept.
 * @param file path of the SQLite file; a missing file needs nothing
 * @param wanted how many migrations the code has
 * @param firstChanged number of the first migration whose text has changed since it ran; Infinity if none has
 * @returns what was done, for the developer; undefined if nothing was
 * @throws Error saying what to do when there is no copy
 */
export async function fitDatabase(
  file: string,
  wanted: number,
  firstChanged = Number.POSITIVE_INFINITY,
): Promise<string | undefined> {
  if (!existsSync(file)) return undefined;
  const found = await schemaVersionOf(file);
  const fitting = Math.min(wanted, firstChanged - 1);
  if (found === 0) return undefined;
  if (found <= fitting) {
    if (found < wanted) await copyDatabase(file, copyAt(file, found));
    return undefined;
  }
  const copy = copyAt(file, fitting);
  if (!existsSync(copy)) {
    throw new Error(
      `${file} has ${found} migrations, and this code fits ${fitting}. There is no copy from before them: ` +
        'check out the code that has them, or move the file away and start with an empty database.',
    );
  }
  renameSync(file, copyAt(file, found));
  for (const suffix of besides) rmSync(file + suffix, { force: true });
  await copyDatabase(copy, file);
  return `${file} is back at migration ${fitting}, as it was before the later ones ran. The replaced file is ${copyAt(file, found)}.`;
}

/** @returns the path of the copy at a schema version */
function copyAt(file: string, version: number): string {
  return `${file}.migration-${version}`;
}

/** Reads the version and moves the write-ahead log into the file, so that the file can be renamed by itself. */
async function schemaVersionOf(file: string): Promise<number> {
  const database = new Database(file);
  try {
    database.pragma('wal_checkpoint(TRUNCATE)');
    return database.pragma('user_version', { simple: true }) as number;
  } finally {
    database.close();
  }
}

async function copyDatabase(from: string, to: string): Promise<void> {
  const database = new Database(from, { readonly: true });
  try {
    await database.backup(to);
  } finally {
    database.close();
  }
}
