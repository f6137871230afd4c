/** The API key by which the site follows changes of the list, for itself. The start of the API makes it, and the site reads it. */
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readCacheState } from '../cache/cache-state.ts';
import type { Connection, Engine, MaybePromise, Row } from '../database/engine.ts';
import { ConfigurationError } from '../errors.ts';
import { createApiKey, findApiKey } from './api-keys.ts';
import { parseCredential, prefixes } from './credentials.ts';

/** A larger file has no key (bytes). */
const maxFileBytes = 1024;

/**
 * Makes a key with the role of a reader, unless the file has one that is valid. A key whose file is lost stays in the list of keys, and
 * nobody knows it.
 * @param file gets the key, for nobody but the user who runs the API
 * @returns whether it made a key
 * @throws {ConfigurationError} where the file has something else, which a key must not replace
 * @throws Error with the code of the system, such as EACCES
 */
export async function prepareSiteKey(
  database: Pick<Engine, 'use' | 'transact'>,
  file: string,
  now: number,
): Promise<boolean> {
  const credential = parseCredential(await readKeyFile(file));
  if (credential?.kind === 'key') {
    const kept = await database.use((connection) => findApiKey(connection, credential, now));
    if (kept !== undefined) return false;
  }
  const name = `site ${new Date(now).toISOString()}`;
  const key = await database.transact(async (connection) =>
    (await readCacheState(connection)).move === null
      ? createApiKey(connection, { name, role: 'reader', lifetimeMs: undefined }, now)
      : undefined,
  );
  // The directory was moved to another database, whose API makes the key.
  if (key === undefined) return false;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // The site may read at any time, and must find a whole key.
  const part = `${file}.${process.pid}`;
  await writeFile(part, `${key}\n`, { mode: 0o600 });
  await rename(part, file);
  return true;
}

/** @returns the text of the file; empty where there is none */
async function readKeyFile(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return '';
  const text = found.isFile() && found.size <= maxFileBytes ? (await readFile(file, 'utf8')).trim() : undefined;
  if (text !== undefined && (text === '' || text.startsWith(`${prefixes.key}_`))) return text;
  throw new ConfigurationError(
    `SITE_KEY_FILE: ${file} has something other than a key; name another file, or remove it`,
  );
}

/** @returns the keys of the site that are valid, with their secrets, for `keepSiteKeys` */
export function listSiteKeys(connection: Connection): MaybePromise<Row[]> {
  return connection.all(
    "SELECT * FROM api_keys WHERE (name_key = 'site' OR name_key LIKE 'site ____-__-__t__:__:__.___z') AND role = 'reader' AND revoked_at IS NULL",
  );
}

/** Stores keys of the site again, after a restoration has replaced all keys: no start follows that would make another one. */
export async function keepSiteKeys(connection: Connection, keys: readonly Row[]): Promise<void> {
  for (const key of keys) {
    const columns = Object.keys(key);
    await connection.run(
      `INSERT INTO api_keys (${columns.join()}) VALUES (${columns.map(() => '?').join()}) ON CONFLICT DO NOTHING`,
      ...Object.values(key),
    );
  }
}
