/** `npm run backup -- FILE`: writes everything that the directory holds to a file, while the API runs. */
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { createPrivateFile } from '#lib/database/sqlite/database-files.ts';
import { migrations } from '#migrations';
import { CommandError, parseFileArguments, runCommand } from './transfer/command.ts';
import { type Directory, openExisting, readAddress, tablesOf } from './transfer/directories.ts';
import { DumpError, openDump, writeDump } from './transfer/dump-file.ts';
import { showRows } from './transfer/show-rows.ts';
import { contentOf } from './transfer/tables.ts';

const help = `Writes everything that the directory holds to FILE, also while the API runs. The file contains every write that the API
has acknowledged before. It is the same for SQLite and PostgreSQL, and npm run restore reads it.

  npm run backup -- FILE [--force]

  FILE       a path; - for standard output
  --force    replace FILE if it is a backup

DATABASE_URL names the database. The file contains personal data, and only its owner can read it.
`;

await runCommand('backup', main);

async function main(): Promise<string> {
  const given = parseFileArguments(help, 'force');
  if (given === undefined) return '';
  const { file, isSet: isForced } = given;
  const directory = await openExisting(readAddress());
  try {
    if (file === '-') {
      const rows = await write(directory, () => process.stdout);
      return `Backed up ${directory.address}: ${rows.toLocaleString('en')} rows.\n`;
    }
    if (existsSync(file)) await checkReplaceable(file, isForced);
    const rows = await writeFile(directory, file);
    const kilobytes = Math.ceil(statSync(file).size / 1024).toLocaleString('en');
    return `Backed up ${directory.address} to ${resolve(file)}: ${rows.toLocaleString('en')} rows, ${kilobytes} kB.\n`;
  } finally {
    await directory.database.close();
  }
}

/**
 * A slip must not cost anybody another file, least of all the file of the database itself.
 * @throws {CommandError} unless the file is empty, or a backup that --force replaces
 */
async function checkReplaceable(file: string, isForced: boolean): Promise<void> {
  if (!isForced) throw new CommandError(`${file} exists already: --force replaces a backup`);
  const found = statSync(file);
  if (!found.isFile()) throw new CommandError(`${file} is not a regular file`);
  if (found.size === 0) return;
  const input = createReadStream(file);
  try {
    await openDump(input);
  } catch (error) {
    if (!(error instanceof DumpError)) throw error;
    throw new CommandError(`${file} stays, since ${error.message}: name another file, or remove it`);
  } finally {
    input.destroy();
  }
}

/**
 * The file has another name until it is whole and has been read again, so that FILE is never half a backup. Nobody else has
 * this name: neither another file nor a second backup at the same time.
 */
async function writeFile(directory: Directory, file: string): Promise<number> {
  const unfinished = `${file}.${randomUUID()}.partial`;
  const remove = () => rmSync(unfinished, { force: true });
  // Throws when the path leads through a file, as /etc/passwd/x does.
  remove();
  process.once('exit', remove);
  const rows = await write(directory, () => {
    remove();
    createPrivateFile(unfinished);
    return createWriteStream(unfinished, { flush: true });
  });
  const dump = await openDump(createReadStream(unfinished));
  for await (const _ of dump.read());
  renameSync(unfinished, file);
  process.off('exit', remove);
  return rows;
}

/** @param open called again when the connection to the database was lost, and the work begins again */
async function write(directory: Directory, open: () => NodeJS.WritableStream): Promise<number> {
  const { database, engine, version } = directory;
  const tables = await tablesOf(version);
  return database.use((connection) =>
    connection.snapshot(async (snapshot) => {
      const content = await contentOf(snapshot, engine, tables);
      const rows = content.tables.reduce((total, table) => total + table.rows, 0);
      const names = migrations.slice(0, version).map(({ name }) => name);
      const facts = { createdAt: new Date().toISOString(), engine, migrations: names };
      await showRows(rows, (onRows) => writeDump(content, facts, open(), onRows));
      return rows;
    }),
  );
}
