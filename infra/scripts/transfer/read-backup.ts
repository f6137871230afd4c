/** Reads a backup of any age, as the content of a directory of today. */
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { migrations, schemaVersion } from '#migrations';
import { CommandError } from './command.ts';
import { tablesOf, withFile, withScratchFile } from './directories.ts';
import { type Dump, DumpError, openDump } from './dump-file.ts';
import { load } from './replace-content.ts';
import { checkTables, contentOf, type DirectoryContent, InvalidContent, listTables } from './tables.ts';

/** The first bytes of a SQLite file, which `npm run backup` wrote before version 0.2. */
const sqliteSignature = 'SQLite format 3\0';

/**
 * Opens a backup, and brings older data to the schema of this program, in a file of its own.
 * @param file the path of a backup, or of a SQLite file; `-` for standard input
 * @param work gets the content, which it can read once, and the time of the backup if the backup tells it
 * @throws {CommandError} when the file is no backup, is damaged, ends too early, or is newer than this program
 */
export async function withBackup<T>(
  file: string,
  work: (content: DirectoryContent, createdAt: string | undefined) => Promise<T>,
): Promise<T> {
  try {
    if (file !== '-' && isSqlite(file)) return await withSqliteCopy(file, (content) => work(content, undefined));
    const dump = await openDump(file === '-' ? process.stdin : createReadStream(file));
    return await withCurrentContent(dump, (content) => work(content, dump.header.createdAt));
  } catch (error) {
    const name = file === '-' ? 'The backup on standard input' : file;
    if (error instanceof DumpError || error instanceof InvalidContent)
      throw new CommandError(`${name} can't be restored: ${error.message}`);
    const { code, message } = error as NodeJS.ErrnoException;
    if (/^(ENOENT|ENOTDIR|EACCES|EISDIR|ELOOP|ENAMETOOLONG)$/.test(code ?? ''))
      throw new CommandError(`${name} can't be read (${message})`);
    throw error;
  }
}

function isSqlite(file: string): boolean {
  // To read from a pipe would take bytes from the backup in it, or never end.
  if (!statSync(file).isFile()) throw new CommandError(`${file} is not a regular file: use - for standard input`);
  const bytes = Buffer.alloc(sqliteSignature.length);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, bytes);
  closeSync(descriptor);
  return bytes.toString('latin1') === sqliteSignature;
}

async function withCurrentContent<T>(dump: Dump, work: (content: DirectoryContent) => Promise<T>): Promise<T> {
  const { migrations: names } = dump.header;
  if (names.some((name, index) => name !== migrations[index]?.name)) {
    throw new DumpError(
      `it has the schema version ${names.length}, and this program knows ${schemaVersion}: use the program that wrote it`,
    );
  }
  checkTables(dump.tables, await tablesOf(names.length));
  if (names.length === schemaVersion) return work(dump);
  return withScratchFile(async (file) => {
    await withFile(file, names.length, (database) =>
      database.transact((connection) => load(connection, { engine: 'sqlite' }, dump, () => {})),
    );
    return withFileContent(file, work);
  });
}

/** Copies the file first, because the migrations change it. */
function withSqliteCopy<T>(source: string, work: (content: DirectoryContent) => Promise<T>): Promise<T> {
  return withScratchFile(async (file) => {
    const original = new Database(source, { readonly: true });
    try {
      await original.backup(file);
    } finally {
      original.close();
    }
    const copy = new Database(file);
    const result = copy.pragma('integrity_check', { simple: true });
    copy.close();
    if (result !== 'ok') throw new DumpError(`it is damaged (${result})`);
    return withFileContent(file, work);
  });
}

function withFileContent<T>(file: string, work: (content: DirectoryContent) => Promise<T>): Promise<T> {
  return withFile(file, schemaVersion, (database) =>
    database.use((connection) =>
      connection.snapshot(async (snapshot) => {
        const tables = await listTables(snapshot);
        checkTables(tables, await tablesOf(schemaVersion));
        return work(await contentOf(snapshot, 'sqlite', tables));
      }),
    ),
  );
}
