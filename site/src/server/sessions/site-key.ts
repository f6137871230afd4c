/** The API key that the site uses for itself, for the poll of changes alone. */
import { readFile } from 'node:fs/promises';
import { settings } from '../settings.ts';

const without = 'Open pages do not follow changes by others: ';
let told: string | undefined;

/** @returns the key that the API's start has stored; undefined if there is none. The log says why, once. */
export async function readSiteKey(): Promise<string | undefined> {
  const { siteKeyFile } = settings;
  if (siteKeyFile === undefined) return tell('SITE_KEY_FILE is not set.');
  try {
    return (await readFile(siteKeyFile, 'utf8')).trim();
  } catch (error) {
    return tell(`SITE_KEY_FILE cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** Says in the log that the API does not know the key. */
export function tellRefusedKey(): void {
  tell('The API refuses the key in SITE_KEY_FILE. Restart the API, which makes another one.');
}

function tell(reason: string): undefined {
  if (told !== reason) process.stderr.write(`${without}${reason}\n`);
  told = reason;
}
