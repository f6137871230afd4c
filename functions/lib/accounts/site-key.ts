/** The API key by which the site follows changes of the list, for itself. The start of the API makes it, and the site reads it. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readCacheState } from '../cache/cache-state.ts';
import type { Engine } from '../database/engine.ts';
import { createApiKey, findApiKey } from './api-keys.ts';
import { parseCredential } from './credentials.ts';

/**
 * Makes a key with the role of a reader, unless the file has one that is valid. A key whose file is lost stays in the list of keys, and
 * nobody knows it.
 * @param file gets the key, for nobody but the user who runs the API
 * @returns whether it made a key
 * @throws Error with the code of the system, such as EACCES
 */
export async function prepareSiteKey(
  database: Pick<Engine, 'use' | 'transact'>,
  file: string,
  now: number,
): Promise<boolean> {
  const credential = parseCredential((await readFile(file, 'utf8').catch(() => '')).trim());
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
