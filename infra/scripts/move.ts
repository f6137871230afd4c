/** `npm run move -- SOURCE TARGET`: moves the directory to another database. */
import { parseArgs } from 'node:util';
import { readCacheState } from '#lib/cache/cache-state.ts';
import { type DirectoryMove, markMove, parseMove, refuseMoved } from '#lib/database/directory-move.ts';
import type { Connection } from '#lib/database/engine.ts';
import { ConfigurationError } from '#lib/errors.ts';
import { newToken } from '#lib/token.ts';
import { schemaVersion } from '#migrations';
import { CommandError, runCommand, UsageError } from './transfer/command.ts';
import {
  addressOf,
  type Directory,
  openExisting,
  openPrepared,
  readAddress,
  tablesOf,
} from './transfer/directories.ts';
import { countContent, replaceContent } from './transfer/replace-content.ts';
import { showRows } from './transfer/show-rows.ts';
import { contentOf } from './transfer/tables.ts';

const help = `Moves the directory from one database to another one, which must be empty. Both may be SQLite or PostgreSQL.

  npm run move -- SOURCE [TARGET]
  npm run move -- --reopen SOURCE

  SOURCE, TARGET   sqlite:PATH or postgres://USER@HOST:PORT/DATABASE; without TARGET, DATABASE_URL names it
  --reopen         takes a move back: SOURCE takes writes again, without those that TARGET has taken since

The API may go on with SOURCE: reads answer, and writes wait or get 503. Each row is read again in TARGET and compared. Afterwards
SOURCE refuses writes, and a start of the API on it says where the directory is. If the command is killed, run it again.
Passwords come from the addresses, or from DATABASE_PASSWORD and DATABASE_PASSWORD_FILE.
`;

await runCommand('move', main);

async function main(): Promise<string> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { reopen: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    process.stdout.write(help);
    return '';
  }
  const [from, to, ...rest] = positionals;
  if (from === undefined || rest.length > 0) throw new UsageError('The command needs a SOURCE and at most one TARGET');
  if (from === '' || to === '') throw new UsageError('An address must not be empty');
  if (values.reopen && to !== undefined) throw new UsageError('--reopen needs the SOURCE alone');
  const sourceConfig = readNamed('SOURCE', from);
  const source = await openExisting(sourceConfig);
  try {
    if (source.version !== schemaVersion) {
      throw new CommandError(
        `${source.address} has the schema version ${source.version}, and this program ${schemaVersion}: start the API on it once, and move then`,
      );
    }
    return await (values.reopen ? reopen(source) : moveTo(source, readNamed('TARGET', to)));
  } finally {
    await source.database.close();
  }
}

/** @throws {ConfigurationError} that names the argument in the place of the setting */
function readNamed(name: string, address: string | undefined) {
  try {
    return readAddress(address);
  } catch (error) {
    if (!(error instanceof ConfigurationError) || address === undefined) throw error;
    throw new ConfigurationError(error.message.replace(/^DATABASE_URL\b/, name));
  }
}

async function reopen({ database, address }: Directory): Promise<string> {
  const { move } = await database.use(readCacheState);
  if (move === null) throw new CommandError(`${address} has not moved`);
  await database.transact((connection) => markMove(connection, undefined));
  return `${address} takes writes again.\n`;
}

/**
 * The order lets a killed command be repeated: the rows with a mark in the target, the mark in the source, and the target without its
 * mark. As long as one of them has a mark, only the other one takes writes.
 */
async function moveTo(source: Directory, config: ReturnType<typeof readAddress>): Promise<string> {
  if (addressOf(config) === source.address) throw new UsageError('SOURCE and TARGET are the same database');
  const target = await openPrepared(config);
  try {
    const moved = parseMove((await source.database.use(readCacheState)).move);
    const arriving = parseMove((await target.database.use(readCacheState)).move);
    let rows = 0;
    if (moved === undefined || moved.id !== arriving?.id) {
      rows = await source.database.transact((connection) => copyAll(connection, source, target));
    }
    await target.database.transact((connection) => markMove(connection, undefined));
    const amount = rows === 0 ? '' : `: ${rows.toLocaleString('en')} rows, each compared`;
    return `Moved ${source.address} to ${target.address}${amount}. Start the API with DATABASE_URL=${target.address}\n`;
  } finally {
    await target.database.close();
  }
}

/** Holds the write lock of the source until all is copied, and then marks the source. @returns the number of rows */
async function copyAll(connection: Connection, source: Directory, target: Directory): Promise<number> {
  refuseMoved((await readCacheState(connection)).move);
  if (source.engine === 'postgres') await connection.run('SET LOCAL idle_in_transaction_session_timeout = 0');
  const tables = await tablesOf(schemaVersion);
  const content = await contentOf(connection, source.engine, tables);
  const rows = content.tables.reduce((total, table) => total + table.rows, 0);
  const move: DirectoryMove = { id: newToken(), from: source.address };
  await showRows(2 * rows, (onRows) =>
    replaceContent({
      target,
      content,
      onRows,
      move,
      allow: async (inTarget) => {
        const found = await countContent(inTarget, tables);
        if (found === 0) return;
        throw new CommandError(
          `${target.address} is not empty (${found.toLocaleString('en')} rows): name an empty database`,
        );
      },
    }),
  );
  await markMove(connection, { id: move.id, to: target.address });
  return rows;
}
