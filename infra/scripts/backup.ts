/** `npm run backup -- FILE`: copies the database consistently while the API serves. */
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { readConfig } from '#lib/config.ts';
import { say } from './lib/build.ts';

const help = `Copies the database to FILE with SQLite's online backup: what was acknowledged before it began is in the copy.

  npm run backup -- FILE [--force]

  --force    replace FILE if it is there

The database is the one that DATABASE_URL names. To restore: stop the API, put the copy in the database's place, delete
the files beside it that end in -wal, -shm and -cache, and start again.
`;

try {
  await main();
} catch (error) {
  say((error as Error).message);
  process.exit(1);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { force: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const [file, ...rest] = positionals;
  if (values.help || !file || rest.length > 0) {
    process.stdout.write(help);
    if (!values.help) process.exitCode = 1;
    return;
  }
  const { databaseFile } = readConfig();
  if (!existsSync(databaseFile)) throw new Error(`There is no database at ${databaseFile}: set DATABASE_URL`);
  if (existsSync(file) && !values.force) throw new Error(`${file} is there already: --force replaces it`);
  // The copy has another name until it is complete, so that FILE is never half a backup.
  const partial = `${file}.partial`;
  const database = new Database(databaseFile, { readonly: true });
  try {
    await database.backup(partial, { progress: ({ totalPages, remainingPages }) => show(totalPages, remainingPages) });
  } finally {
    database.close();
  }
  check(partial);
  renameSync(partial, file);
  say(`Backed up ${databaseFile} to ${resolve(file)}: ${Math.ceil(statSync(file).size / 1024)} kB.`);
}

/** Shows the progress on a terminal. @returns how many pages to copy before the next turn of the event loop */
function show(total: number, remaining: number): number {
  if (process.stderr.isTTY) process.stderr.write(`\r${Math.floor((100 * (total - remaining)) / total)} %\r`);
  return 1000;
}

/** Checks the copy. @throws Error when it is damaged */
function check(file: string): void {
  const copy = new Database(file);
  // Without write-ahead log the copy is a single file.
  copy.pragma('journal_mode = DELETE');
  const result = copy.pragma('integrity_check', { simple: true });
  copy.close();
  if (result === 'ok') return;
  rmSync(file);
  throw new Error(`The copy is not sound (${result}): is the disk full?`);
}
