/** `npm run erase -- ID`: removes a person for good from everything that the directory holds, while the API runs. */
import { parseArgs } from 'node:util';
import { readCacheState } from '#lib/cache/cache-state.ts';
import { cachePathOf, removeCacheFile } from '#lib/cache/embedded/embedded-store.ts';
import type { DatabaseConfig } from '#lib/config.ts';
import { markMove, refuseMoved } from '#lib/database/directory-move.ts';
import type { Connection } from '#lib/database/engine.ts';
import {
  type ErasedUser,
  type Erasure,
  emailsOfUser,
  eraseAgain,
  eraseUser,
  isOther,
  keepErased,
  listErased,
} from '#lib/users/erasure.ts';
import { schemaVersion } from '#migrations';
import { CommandError, runCommand, UsageError } from './transfer/command.ts';
import { type Directory, openExisting, readAddress } from './transfer/directories.ts';
import { eraseImports } from './transfer/erase-imports.ts';
import { keepIds } from './transfer/replace-content.ts';
import { rewriteFile } from './transfer/rewrite-file.ts';
import { withoutCache } from './transfer/without-cache.ts';

const help = `Removes a person for good: the user, also from the bin, every change in its history, the kept answers to requests, the cache,
and the site's stored imports that name one of the person's e-mails, with uploads that nobody has confirmed yet. The id stays in a
list, so that npm run restore erases the person again when it restores an older backup.

  npm run erase -- ID [ID …] [--imports FOLDER]
  npm run erase -- --email ADDRESS [--email ADDRESS …] [--imports FOLDER]
  npm run erase -- --list

  ID           the number of a user, also of a deleted one; or a line of --list, which the list of this directory then gets: somebody
               else who has that number and was created at another time stays
  --email      remove the stored imports that have this address, too, or alone: for a person who is erased already
  --imports    the folder of the site's data (SITE_DATA, or data/site)
  --list       print all erased users, one a line, as this command takes them

DATABASE_URL names the database. The API may run; while SQLite rewrites its file, writes wait or get 503. Backups that exist already still have the person: delete them when you can.
`;

/** An id, or a line of --list. */
const userForm = /^([1-9]\d{0,14})(?:@([^\s,]{1,40}),([^\s,]{1,40}))?$/;

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
  const given = [...new Set(positionals)].map(parseUser);
  const { list, email } = values;
  if (email.some((address) => !address.includes('@'))) throw new UsageError('--email takes an e-mail address');
  if (given.length + email.length === 0 && !list)
    throw new UsageError('The command needs the ID of a user, or --email');
  const folder = values.imports ?? (process.env.SITE_DATA || 'data/site');
  if (given.length === 0 && !list) return eraseFrom(folder, email);
  const config = readAddress();
  const directory = await openExisting(config);
  try {
    if (directory.version !== schemaVersion) {
      throw new CommandError(`${directory.address} has an older schema: start the API on it once, and erase then`);
    }
    if (list) return await printErased(directory);
    return await erase(directory, config, given, folder, email);
  } finally {
    await directory.database.close();
  }
}

/** A user to erase. With `erased` the list of erased users gets the entry; without it, something of the user must be there. */
interface Given {
  readonly id: number;
  readonly erased?: Pick<ErasedUser, 'createdAt' | 'erasedAt'>;
}

function parseUser(text: string): Given {
  const [, id, createdAt = '', erasedAt] = userForm.exec(text) ?? [];
  const times = [createdAt, erasedAt].filter((time) => time && time !== 'unknown') as string[];
  if (id === undefined || times.some((time) => Number.isNaN(Date.parse(time)))) {
    throw new UsageError(`"${text}" is no ID of a user: it must be a whole number from 1, or a line of --list`);
  }
  if (erasedAt === undefined) return { id: Number(id) };
  return { id: Number(id), erased: { createdAt: createdAt === 'unknown' ? null : createdAt, erasedAt } };
}

async function printErased({ database }: Directory): Promise<string> {
  for (const { id, createdAt, erasedAt } of await database.use(listErased)) {
    process.stdout.write(`${id}@${createdAt ?? 'unknown'},${erasedAt}\n`);
  }
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
  given: readonly Given[],
  folder: string,
  further: readonly string[],
): Promise<string> {
  // The imports go first: once a person is erased, nobody knows the e-mails by which to find them.
  const { users, known } = await database.use(async (connection) => {
    refuseMoved((await readCacheState(connection)).move);
    const users = await withoutOthers(connection, given);
    return { users, known: await emailsOf(connection, users) };
  });
  let imports = eraseImports(folder, [...known, ...further]);
  const erased = await eraseUsers(database, config, given).catch((error) => {
    if (imports) process.stderr.write(`${imports} imports are removed; the directory is as it was.\n`);
    throw error;
  });
  const emails = [...erased.values()].flatMap((erasure) => erasure.emails);
  const later = emails.filter((email) => !known.includes(email));
  if (imports !== undefined && later.length > 0) imports += eraseImports(folder, later) ?? 0;
  const unknown = users.map(({ id }) => id).filter((id) => !erased.has(id));
  const list = await database.use(listErased);
  const before = unknown.filter((id) => list.some((one) => one.id === id));
  const changes = [...erased.values()].reduce((total, erasure) => total + erasure.changes, 0);
  const isErased = erased.size + before.length > 0;
  const others = given.filter((user) => !users.includes(user)).map(({ id }) => id);
  const report = [
    isErased &&
      `Erased from ${address}: users ${[...erased.keys(), ...before].join(', ')}, with ${changes} changes and ${imports ?? 'no'} imports.`,
    others.length > 0 && `Left alone, since they were created at another time: ${others.join(', ')}.`,
    before.length > 0 && `Erased earlier: ${before.join(', ')}.`,
    imports === undefined && emails.length + further.length > 0 && withoutFolder(folder, [...emails, ...further]),
  ];
  const text = `${report.filter(Boolean).join('\n')}\n`;
  const missing = unknown.filter((id) => !before.includes(id));
  // A command that was cut off after an erasure is run again, and rewrites the file then.
  const fault = isErased && config.engine === 'sqlite' ? await rewriteFile(database) : undefined;
  if (missing.length === 0 && fault === undefined) return text;
  if (isErased || imports) process.stderr.write(text);
  throw new CommandError(fault ?? `${address} holds nothing of a user with the id ${missing.join(', ')}`);
}

/** @returns the users, without ids that belong to somebody else now */
async function withoutOthers(connection: Connection, given: readonly Given[]): Promise<Given[]> {
  const users: Given[] = [];
  for (const user of given) {
    const { id, erased } = user;
    if (erased === undefined || !(await isOther(connection, { id, ...erased }))) users.push(user);
  }
  return users;
}

async function emailsOf(connection: Connection, users: readonly Given[]): Promise<string[]> {
  const emails: string[] = [];
  for (const { id } of users) emails.push(...(await emailsOfUser(connection, id)));
  return emails;
}

/** @returns what was erased, by id, without those of whom nothing was kept */
function eraseUsers(
  database: Directory['database'],
  config: DatabaseConfig,
  given: readonly Given[],
): Promise<Map<number, Erasure>> {
  return withoutCache(database, async (connection, move) => {
    refuseMoved(move);
    const found = new Map<number, Erasure>();
    const now = new Date().toISOString();
    for (const { id, erased } of given) {
      if (erased) await keepErased(connection, { id, ...erased });
      const erasure = erased ? await eraseAgain(connection, { id, ...erased }) : await eraseUser(connection, id, now);
      if (erasure !== undefined) found.set(id, erasure);
    }
    await keepIds(
      connection,
      config.engine,
      given.filter(({ erased }) => erased !== undefined),
    );
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
