/**
 * The files of a SQLite database: the file itself, the write-ahead log, and the shared memory of all processes that use it.
 *
 * Linux keeps a deleted file until the last process closes it. A process that has the database open would therefore go on
 * writing to a file that nobody can open again.
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { ConfigurationError } from '../../errors.ts';
import { errorCode } from './errors.ts';

/** The file with this suffix holds the inode that the database had at the last start of the API. */
const identitySuffix = '-identity';

interface FileIdentity {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
}

/** Which files a connection has open. */
export class DatabaseFiles {
  readonly #files: readonly FileIdentity[];

  private constructor(files: readonly FileIdentity[]) {
    this.#files = files;
  }

  /**
   * @param path of the database, which a connection has just opened and read: SQLite creates the other two files at the
   *   first read
   * @returns undefined when one of the files is missing
   */
  static at(path: string): DatabaseFiles | undefined {
    const files = ['', '-wal', '-shm'].map((suffix) => identify(path + suffix));
    return files.every((file) => file !== undefined) ? new DatabaseFiles(files) : undefined;
  }

  /** @returns false when a file was deleted, moved, replaced by another one, or, for the database itself, emptied */
  stillThere(): boolean {
    return this.#files.every(({ path, device, inode }, index) => {
      const found = stat(path);
      return found?.ino === inode && found.dev === device && (index > 0 || found.size > 0);
    });
  }

  /** @returns whether both name the same database file */
  sameDatabase(other: FileIdentity): boolean {
    const [database] = this.#files;
    return database?.inode === other.inode && database.device === other.device;
  }
}

/** @returns undefined when there is no such file, or this process may not look at it */
export function identify(path: string): FileIdentity | undefined {
  const found = stat(path);
  return found && { path, device: found.dev, inode: found.ino };
}

/**
 * Records which file is the database. A process that starts later can then recognise another file in its place. An inode is
 * enough: the file system gives it to no other file while a process has the database open.
 * @throws system errors, such as ENOSPC
 */
export function recordIdentity(path: string): void {
  createPrivateFile(path + identitySuffix);
  writeFileSync(path + identitySuffix, String(stat(path)?.ino));
}

/** @returns whether the database is another file than the recorded one; false where none is recorded */
export function wasReplaced(path: string): boolean {
  if (stat(path + identitySuffix) === undefined) return false;
  const recorded = readFileSync(path + identitySuffix, 'utf8');
  return recorded !== '' && recorded !== String(stat(path)?.ino);
}

/** The lock that each open connection holds on its database file, as Linux lists it: SQLite's byte for readers and the bytes after it. */
const readerLock = '1073741826 1073742335';

/**
 * Finds out whether a process still uses the recorded database, although another file, or none, is in its place. Linux lists
 * the locks and the open files of the processes that this one can see.
 * @returns false also where nothing is recorded or the system has no such lists
 */
export function isReplacedWhileUsed(path: string): boolean {
  if (!wasReplaced(path)) return false;
  const inode = readFileSync(path + identitySuffix, 'utf8');
  const lock = `:${inode} ${readerLock}`;
  try {
    const files = join(realpathSync(dirname(path)), basename(path));
    const lines = readFileSync('/proc/locks', 'utf8').split('\n');
    return lines.some((line) => line.includes(lock) && hasOpen(files, inode, line.trim().split(/\s+/)[4]));
  } catch {
    return false;
  }
}

/** Another file may have the inode of a deleted database, so the path counts as well. A deleted file keeps its path in the list. */
function hasOpen(path: string, inode: string, pid: string | undefined): boolean {
  const folder = `/proc/${pid}/fd`;
  // A process may end meanwhile, close a file, or belong to somebody else.
  const linkOf = (file: string) => {
    try {
      return readlinkSync(file);
    } catch {
      return '';
    }
  };
  const names = stat(folder) ? readdirSync(folder) : [];
  return names
    .map((name) => join(folder, name))
    .some((file) => linkOf(file).startsWith(path) && String(stat(file)?.ino) === inode);
}

/**
 * Makes sure that a new log would not hide one that somebody has deleted while other processes write to it. SQLite itself
 * deletes the log when the last connection closes. So a missing log is no loss when nobody has the database open.
 * @throws SqliteError with code SQLITE_BUSY when the log or the shared memory is missing, and another process has the database open
 */
export function requireLog(path: string): void {
  if (stat(`${path}-wal`) && stat(`${path}-shm`)) return;
  const probe = new BetterSqlite3(path, { fileMustExist: true, timeout: 0 });
  try {
    // Each open connection holds a shared lock on the database, and this mode needs an exclusive one.
    probe.pragma('locking_mode = EXCLUSIVE');
    probe.pragma('user_version');
  } finally {
    probe.close();
  }
}

/**
 * Creates an empty file that only its owner can read, unless the file exists. SQLite gives the files beside a database the
 * permissions of the database.
 */
export function createPrivateFile(path: string): void {
  try {
    // `x` never opens an existing file: closing it would release the locks of SQLite connections in this process.
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/**
 * Creates the database file and its folder, which only their owner can read. What exists stays as it is.
 * @throws {ConfigurationError} when the file or the folder can't be created, or the path is a folder, a device or a pipe
 */
export function createDatabaseFile(path: string): void {
  try {
    createFolder(dirname(path));
    createPrivateFile(path);
  } catch (error) {
    throw new ConfigurationError(
      `DATABASE_URL: ${path} can't be created (${errorCode(error)}); check its folder, or name another path`,
    );
  }
  if (stat(path)?.isFile() === false) {
    throw new ConfigurationError(`DATABASE_URL: ${path} is not a regular file; name another path`);
  }
}

/** Creates a folder and those above it. Node's `recursive` never ends below /proc, where no folder can be created. */
function createFolder(path: string): void {
  if (stat(path) !== undefined) return;
  createFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

function stat(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
