/** `npm run erase -- ID`: removes a person for good from everything that the directory holds, while the API runs. */
import { parseArgs } from 'node:util';
import { readCacheState } from '#lib/cache/cache-state.ts';
import { cachePathOf, removeCacheFile } from '#lib/cache/embedded/embedded-store.ts';
import type { DatabaseConfig } from '#lib/config.ts';
import { markMove, refuseMoved } from '#lib/database/directory-move.ts';
import type { Connection } from '#lib/database/engine.ts';
import { type Erasure, emailsOfUser, eraseUser, listErased } from '#lib/users/erasure.ts';
import { schemaVersion } from '#migrations';
import { CommandError, runCommand, UsageError } from './transfer/command.ts';
import { type Directory, openExisting, readAddress } from './transfer/directories.ts';
import { eraseImports } from './transfer/erase-imports.ts';
import { rewriteFile } from './transfer/rewrite-file.ts';
import { withoutCache } from './transfer/without-cache.ts';

const help = `Removes a person for good: the user, also from the bin, every change in its history, the kept answers to requests, the cache,
and the site's stored imports that name one of the person's e-mails, with uploads that nobody has confirmed yet. The id stays in a
list, so that npm run restore erases the person again when it restores an older backup.

  npm run erase -- ID [ID …] [--imports FOLDER]
  npm run erase -- --email ADDRESS [--email ADDRESS …] [--imports FOLDER]
  npm run erase -- --list

  ID           the number of a user, also of a deleted one
  --email      remove the stored imports that have this address, too, or alone: for a person who is erased already
  --imports    the folder of the site's data (SITE_DATA, or data/site)
  --list       print the ids of all erased users, one a line

DATABASE_URL names the database. The API may run; while SQLite rewrites its file, writes wait or get 503. Backups that exist already still have the person: delete them when you can.
`;

await runCommand('erase', main);

async function main(): Promise<string> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      imports: { type: 'string' },
      email: { type: 'string', multiple: true, default: [] },
      list: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return '';
  }
  const ids = [...new Set(positionals.map(parseId))];
  const { list, email } = values;
  if (email.some((address) => !address.includes('@'))) throw new UsageError('--email takes an e-mail address');
  if (ids.length + email.length === 0 && !list) throw new UsageError('The command needs the ID of a user, or --email');
  const folder = values.imports ?? (process.env.SITE_DATA || 'data/site');
  if (ids.length === 0 && !list) return eraseFrom(folder, email);
  const config = readAddress();
  const directory = await openExisting(config);
  try {
    if (directory.version !== schemaVersion) {
      throw new CommandError(`${directory.address} has an older schema: start the API on it once, and erase then`);
    }
    if (list) return await printErased(directory);
    return await erase(directory, config, ids, folder, email);
  } finally {
    await directory.database.close();
  }
}

function parseId(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no ID of a user: it must be a whole number from 1`);
}

async function printErased({ database }: Directory): Promise<string> {
  for (const { id } of await database.use(listErased)) process.stdout.write(`${id}\n`);
  return '';
}

/** @returns a report @throws CommandError without a folder of imports, so that nobody believes that they are gone */
function eraseFrom(folder: string, emails: readonly string[]): string {
  const imports = eraseImports(folder, emails);
  if (imports === undefined)
    throw new CommandError(`${folder} holds no imports of the site: name its data by --imports`);
  return `Erased from ${folder}: ${imports} imports.\n`;
}

/** @param further e-mails that the directory may not know any more */
async function erase(
  { database, address }: Directory,
  config: DatabaseConfig,
  ids: number[],
  folder: string,
  further: readonly string[],
): Promise<string> {
  // The imports go first: once a person is erased, nobody knows the e-mails by which to find them.
  const known = await database.use(async (connection) => {
    refuseMoved((await readCacheState(connection)).move);
    return emailsOf(connection, ids);
  });
  let imports = eraseImports(folder, [...known, ...further]);
  const erased = await eraseUsers(database, config, ids).catch((error) => {
    if (imports) process.stderr.write(`${imports} imports are removed; the directory is as it was.\n`);
    throw error;
  });
  const emails = [...erased.values()].flatMap((erasure) => erasure.emails);
  const later = emails.filter((email) => !known.includes(email));
  if (imports !== undefined && later.length > 0) imports += eraseImports(folder, later) ?? 0;
  const unknown = ids.filter((id) => !erased.has(id));
  const list = await database.use(listErased);
  const before = unknown.filter((id) => list.some((one) => one.id === id));
  const changes = [...erased.values()].reduce((total, erasure) => total + erasure.changes, 0);
  const report = [
    `Erased from ${address}: users ${[...erased.keys(), ...before].join(', ')}, with ${changes} changes and ${imports ?? 'no'} imports.`,
    before.length > 0 && `Erased earlier: ${before.join(', ')}.`,
    imports === undefined && emails.length + further.length > 0 && withoutFolder(folder, [...emails, ...further]),
  ];
  const text = `${report.filter(Boolean).join('\n')}\n`;
  const missing = unknown.filter((id) => !before.includes(id));
  const isErased = erased.size + before.length > 0;
  // A command that was cut off after an erasure is run again, and rewrites the file then.
  const fault = isErased && config.engine === 'sqlite' ? await rewriteFile(database) : undefined;
  if (missing.length === 0 && fault === undefined) return text;
  if (isErased || imports) process.stderr.write(text);
  throw new CommandError(fault ?? `${address} holds nothing of a user with the id ${missing.join(', ')}`);
}

async function emailsOf(connection: Connection, ids: number[]): Promise<string[]> {
  const emails: string[] = [];
  for (const id of ids) emails.push(...(await emailsOfUser(connection, id)));
  return emails;
}

/** @returns what was erased, by id, without those of whom nothing was kept */
function eraseUsers(
  database: Directory['database'],
  config: DatabaseConfig,
  ids: readonly number[],
): Promise<Map<number, Erasure>> {
  return withoutCache(database, async (connection, move) => {
    refuseMoved(move);
    const found = new Map<number, Erasure>();
    for (const id of ids) {
      const erasure = await eraseUser(connection, id, new Date().toISOString());
      if (erasure !== undefined) found.set(id, erasure);
    }
    // The free space of the embedded cache has the person's bytes. No process uses that file until this transaction has ended.
    if (config.engine === 'sqlite') removeCacheFile(cachePathOf(config.file));
    // A recovery of the cache that began before the commit must not end after it.
    await markMove(connection, undefined);
    return found;
  });
}

/** Nobody can ask the directory for the e-mails later. */
function withoutFolder(folder: string, emails: readonly string[]): string {
  // An address may have an apostrophe.
  const options = emails.map((email) => `--email '${email.replaceAll("'", "'\\''")}'`);
  const command = `npm run erase -- ${options.join(' ')} --imports FOLDER`;
  return `${folder} holds no imports of the site. If the site keeps them elsewhere, erase them with: ${command}`;
}
