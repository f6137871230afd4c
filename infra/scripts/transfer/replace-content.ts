/** Replaces everything that a directory holds, in one transaction, also while routers use it. */
import { keepSiteKeys, listSiteKeys } from '#lib/accounts/site-key.ts';
import { type DirectoryMove, markMove, parseMove, refuseMoved } from '#lib/database/directory-move.ts';
import type { Connection } from '#lib/database/engine.ts';
import { rebuildChangeIndex } from '#lib/users/change-index.ts';
import { eraseAgain, keepErased, listErased } from '#lib/users/erasure.ts';
import { userResource } from '#lib/users/resource.ts';
import { CommandError } from './command.ts';
import type { Directory } from './directories.ts';
import { rewriteFile } from './rewrite-file.ts';
import {
  checkRow,
  countRows,
  type DirectoryContent,
  deleteRows,
  type EngineName,
  insertRows,
  RowSum,
  raiseLastNumber,
  readRows,
  type Table,
} from './tables.ts';
import { withoutCache } from './without-cache.ts';

/** A directory without users has rows in these tables, too: they describe the others, and they have the ids of erased users. */
const otherTables = ['resources', 'erased_users', 'erasures'];

/** SQLite's own 2 MB would make it read and write the pages of large indexes again and again. */
const sqliteCacheKilobytes = 262_144;

/** Called with the number of rows that were deleted, written or read again. */
type OnRows = (rows: number) => void;

/** How a directory's content is replaced. */
export interface Replacement {
  readonly target: Directory;
  readonly content: DirectoryContent;
  /** Runs in the transaction, before anything is changed. If it throws, nothing is. */
  readonly allow: (connection: Connection) => Promise<void>;
  readonly onRows: OnRows;
  /** The mark of a move that the row of the cache's state gets. */
  readonly move?: DirectoryMove;
}

/**
 * Erased users that the content brings back are erased again, also from the free space of SQLite's file. The site keeps its key,
 * with which it goes on to follow changes.
 * @returns once the new content is committed, and every process has noticed it
 * @throws {CommandError} when the rows read again differ from those written; nothing has changed then
 */
export async function replaceContent({ target, content, allow, onRows, move }: Replacement): Promise<void> {
  const again = await withoutCache(target.database, async (connection, before) => {
    const isAgain = move !== undefined && parseMove(before)?.from === move.from;
    if (!isAgain) refuseMoved(before);
    if (!isAgain) await allow(connection);
    if (target.engine === 'postgres') await connection.run('SET LOCAL idle_in_transaction_session_timeout = 0');
    const erased = await listErased(connection);
    const siteKeys = await listSiteKeys(connection);
    await load(connection, target, content, onRows);
    await keepSiteKeys(connection, siteKeys);
    await rebuildChangeIndex(connection);
    const all = [...erased, ...(await listErased(connection))];
    const ids = new Set<number>();
    for (const one of all) {
      await keepErased(connection, one);
      // A directory that moves has nobody who is erased: the list of the target can only be that of others.
      const erasure = move === undefined ? await eraseAgain(connection, one) : undefined;
      if (erasure !== undefined) ids.add(one.id);
    }
    await keepIds(connection, target.engine, all);
    // A recovery of the cache that began before the commit must not end after it.
    await markMove(connection, move);
    return [...ids];
  });
  if (again.length > 0) process.stderr.write(`Erased again, as before: users ${again.join(', ')}.\n`);
  const fault = again.length > 0 && target.engine === 'sqlite' ? await rewriteFile(target.database) : undefined;
  if (fault !== undefined) process.stderr.write(`${fault}\n`);
}

/** Keeps the ids of erased users from being given out again. */
export async function keepIds(
  connection: Connection,
  engine: EngineName,
  erased: readonly { id: number }[],
): Promise<void> {
  const lastNumber = Math.max(0, ...erased.map(({ id }) => id));
  await raiseLastNumber(connection, engine, { name: userResource.name, key: ['id'], lastNumber });
}

/**
 * Replaces the rows of each table, and compares those that were read with those that the database has now.
 * @throws {InvalidContent} when a row cannot be one of a directory
 * @throws {CommandError} when the rows differ
 */
export async function load(
  connection: Connection,
  { engine }: Pick<Directory, 'engine'>,
  content: DirectoryContent,
  onRows: OnRows,
): Promise<void> {
  if (engine === 'sqlite') await connection.run(`PRAGMA cache_size = -${sqliteCacheKilobytes}`);
  for (const table of content.tables) await deleteRows(connection, table, onRows);
  const sums = new Map<string, RowSum>(content.tables.map(({ name }) => [name, new RowSum()]));
  for await (const batch of content.read()) {
    const sum = sums.get(batch.table.name) as RowSum;
    for (const row of batch.rows) {
      checkRow(batch.table, row);
      sum.add(JSON.stringify(row));
    }
    await insertRows(connection, batch);
    onRows(batch.rows.length);
  }
  for (const table of content.tables) {
    const sum = new RowSum();
    for await (const { rows } of readRows(connection, table)) {
      for (const row of rows) sum.add(JSON.stringify(row));
      onRows(rows.length);
    }
    const expected = sums.get(table.name) as RowSum;
    if (sum.rows !== expected.rows || sum.sha256 !== expected.sha256) {
      throw new CommandError(
        `The table ${table.name} has other rows than were written (${sum.rows} of ${expected.rows}), so nothing was changed`,
      );
    }
    await raiseLastNumber(connection, engine, table);
  }
}

/** @returns how many rows a directory has that a person or a program has put there */
export async function countContent(connection: Connection, tables: readonly Table[]): Promise<number> {
  let rows = 0;
  for (const table of tables) if (!otherTables.includes(table.name)) rows += await countRows(connection, table);
  // No person has made the site's keys: a start of the API with AUTH=on makes them.
  return rows - (await listSiteKeys(connection)).length;
}
