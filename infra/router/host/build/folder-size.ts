/** Finds out whether a folder is too large to be watched or bundled, such as the root of the file system. */
import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Far above any project. */
export const maxFolderEntries = 100_000;

/** A save of a file must not lead through all folders again. */
const known = new Map<string, boolean>();

/** @returns whether a folder has too many files and folders, without those of installed packages and hidden ones; it looks once */
export function isTooLarge(folder: string): boolean {
  const found = known.get(folder) ?? hasMore(folder, maxFolderEntries);
  known.set(folder, found);
  return found;
}

/** @returns whether a folder has more files and folders than `max` */
export function hasMore(folder: string, max: number): boolean {
  const left = [folder];
  let entries = 0;
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const found = entriesOf(next);
    entries += found.length;
    if (entries > max) return true;
    for (const one of found) {
      if (one.isDirectory() && one.name !== 'node_modules' && !one.name.startsWith('.'))
        left.push(join(next, one.name));
    }
  }
  return false;
}

/** A folder that this user may not read is not watched either. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
