/**
 * The files of a SQLite database: the file itself, the write-ahead log, and the shared memory of all processes that use it.
 *
 * Linux keeps a deleted file until the last process closes it. A process that has the database open would therefore go on
 * writing to a file that nobody can open again.
 */
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigurationError } from '../../errors.ts';
import { errorCode } from './errors.ts';

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
 * @throws {ConfigurationError} when the file or the folder can't be created
 */
export function createDatabaseFile(path: string): void {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    createPrivateFile(path);
  } catch (error) {
    throw new ConfigurationError(
      `DATABASE_URL: ${path} can't be created (${errorCode(error)}); check its folder, or name another path`,
    );
  }
}

function stat(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
