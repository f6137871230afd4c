/** `npm run backup -- FILE`: copies the database, whole and consistent, while the API runs. */
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { readConfig } from '#lib/config.ts';
import { createPrivateFile } from '#lib/database/sqlite/database-files.ts';
import { say } from './lib/build.ts';

const help = `Copies the database to FILE, also while the API runs. The copy contains every write that the API has acknowledged before.

  npm run backup -- FILE [--force]

  --force    replace FILE if it exists

DATABASE_URL names the database. To restore: stop the API, put the copy in place of the database, delete the files beside
the database that end in -wal, -shm and -cache, and start the API.
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
  const { database: settings } = readConfig();
  if (settings.engine !== 'sqlite') {
    throw new Error('DATABASE_URL names PostgreSQL: run pg_dump --format=custom with the same address');
  }
  const databaseFile = settings.file;
  if (!existsSync(databaseFile)) throw new Error(`There is no database at ${databaseFile}: set DATABASE_URL`);
  if (existsSync(file) && !values.force) throw new Error(`${file} exists already: --force replaces it`);
  // The copy has another name until it is whole, so that FILE is never half a backup.
  const unfinished = `${file}.partial`;
  rmSync(unfinished, { force: true });
  createPrivateFile(unfinished);
  const database = new Database(databaseFile, { readonly: true });
  try {
    await database.backup(unfinished, {
      progress: ({ totalPages, remainingPages }) => show(totalPages, remainingPages),
    });
  } finally {
    database.close();
  }
  check(unfinished);
  renameSync(unfinished, file);
  say(`Backed up ${databaseFile} to ${resolve(file)}: ${Math.ceil(statSync(file).size / 1024)} kB.`);
}

/** Shows the progress on a terminal. @returns how many pages to copy before the next turn of the event loop */
function show(total: number, remaining: number): number {
  if (process.stderr.isTTY) process.stderr.write(`\r${Math.floor((100 * (total - remaining)) / total)} %\r`);
  return 1000;
}

/** @throws Error when the copy is damaged; the copy is deleted then */
function check(file: string): void {
  const copy = new Database(file);
  // Without write-ahead log, the copy is one file.
  copy.pragma('journal_mode = DELETE');
  const result = copy.pragma('integrity_check', { simple: true });
  copy.close();
  if (result === 'ok') return;
  rmSync(file);
  throw new Error(`The copy is damaged (${result}): check the disk, and try again`);
}
