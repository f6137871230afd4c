/** `npm run keys`: API keys, by which scripts call the API while AUTH is on. */
import { parseArgs } from 'node:util';
import { createApiKey, listApiKeys, revokeApiKey } from '#lib/accounts/api-keys.ts';
import { parseInvitation } from '#lib/accounts/parse.ts';
import { readCacheState } from '#lib/cache/cache-state.ts';
import type { Database } from '#lib/database/database.ts';
import { refuseMoved } from '#lib/database/directory-move.ts';
import type { Connection } from '#lib/database/engine.ts';
import { checked, found, roleOf, table } from './accounts/arguments.ts';
import { runCommand, UsageError } from './transfer/command.ts';
import { openPrepared, readAddress } from './transfer/directories.ts';

const help = `Manages API keys, in the database that DATABASE_URL names.

  npm run keys -- create NAME --role reader|editor|administrator [--days N]
  npm run keys -- list
  npm run keys -- revoke NAME

  create    the key is the last line of the output, and nobody can read it again
  --days    the key expires after so many days (1 to 3650); without it, it does not expire
  revoke    the API refuses the key from now on, after AUTH_CACHE_MS at the latest

In a container: docker compose run --rm api keys create NAME --role reader
`;

const dayMs = 24 * 60 * 60 * 1000;

await runCommand('keys', main);

async function main(): Promise<string> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { role: { type: 'string' }, days: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    process.stdout.write(help);
    return '';
  }
  const [action, ...rest] = positionals;
  if (action === undefined || !/^(create|list|revoke)$/.test(action)) {
    throw new UsageError('The command needs create, list or revoke');
  }
  const names = action === 'list' ? 0 : 1;
  if (rest.length !== names) throw new UsageError(`${action} takes ${names} arguments, and there are ${rest.length}`);
  const [given = ''] = rest;
  const key = action === 'create' ? keyOf(given, values.role, values.days) : undefined;
  const { database, address } = await openPrepared(readAddress());
  try {
    if (action === 'list') return await list(database);
    const text = await database.transact(async (connection) => {
      refuseMoved((await readCacheState(connection)).move);
      return key ? createApiKey(connection, key, Date.now()) : revoke(connection, given, address);
    });
    if (key) process.stdout.write(`${text}\n`);
    return key ? '' : `Revoked ${given}.\n`;
  } finally {
    await database.close();
  }
}

/** A key's name follows the rules of a person's. */
function keyOf(given: string, role: string | undefined, days: string | undefined) {
  const { name, role: checkedRole } = checked(() => parseInvitation({ name: given, role: roleOf(role) }));
  if (days === undefined) return { name, role: checkedRole, lifetimeMs: undefined };
  const count = /^\d{1,4}$/.test(days) ? Number(days) : 0;
  if (count < 1 || count > 3650) throw new UsageError(`--days is "${days}": it takes a whole number from 1 to 3650`);
  return { name, role: checkedRole, lifetimeMs: count * dayMs };
}

async function revoke(connection: Connection, name: string, address: string): Promise<string> {
  const isKnown = await revokeApiKey(connection, name, Date.now());
  return found(isKnown ? name : undefined, `There is no key "${name}" in ${address}: npm run keys -- list shows all`);
}

async function list(database: Database): Promise<string> {
  const keys = await database.use(listApiKeys);
  const now = new Date().toISOString();
  const rows = keys.map(({ name, role, usedAt, expiresAt, revokedAt }) => {
    const state = revokedAt === null ? 'active' : 'revoked';
    const hasExpired = state === 'active' && expiresAt !== null && expiresAt <= now;
    return [name, role, hasExpired ? 'expired' : state, expiresAt ?? 'never', usedAt ?? 'never'];
  });
  process.stdout.write(table([['NAME', 'ROLE', 'STATE', 'EXPIRES', 'USED'], ...rows]));
  return '';
}
