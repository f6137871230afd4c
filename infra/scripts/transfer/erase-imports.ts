/** Removes the site's stored imports that name a person. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Removes each import whose rows or results have one of the e-mails. The import loses its undo; its users stay.
 * @param dataFolder as in SITE_DATA
 * @param emails in any case
 * @returns how many imports were removed; 0 when there is no such folder
 */
export function eraseImports(dataFolder: string, emails: readonly string[]): number {
  const folder = join(dataFolder, 'imports');
  const wanted = emails.map((email) => email.toLowerCase());
  let removed = 0;
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const texts = namesIn(path).filter((file) => /\.(?:ndjson|json)$/.test(file));
    const names = texts.some((file) => mentions(readFileSync(join(path, file), 'utf8'), wanted));
    if (!names) continue;
    rmSync(path, { recursive: true, force: true });
    removed++;
  }
  return removed;
}

function mentions(text: string, emails: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return emails.some((email) => lower.includes(email));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
