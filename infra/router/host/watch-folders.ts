/** Watches source folders for the command `host` and for `npm run dev`. */
import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { watch } from 'chokidar';
import { say } from './report.ts';

/** The time without a change after which an editor has finished a save, or Git a switch. */
const settleMs = 8;

/** For 50 ms chokidar drops further changes of a file, such as those of a formatter after a save. */
const deafMs = 60;

/** Temporary files of editors, tests, installed packages and hidden files, none of which a build contains; but .env counts. */
const ignored = /(~|\.swp|\.test\.ts)$|(^|[\\/])(node_modules|\.(?!env$|\.)[^\\/]+)([\\/]|$)/;

/** A watch that runs. */
export interface FolderWatch {
  /** Watches further folders, unless the watch is closed. */
  add(folders: string[]): void;
  close(): Promise<void>;
}

/**
 * Reports changes in folders. It uses chokidar, because Node's own recursive watch on Linux loses a file that is replaced by
 * another one of its name, which is how many editors save.
 * @param folders absolute paths
 * @param onChange called once for all changes that come together, with the paths of the changed files and folders
 * @param since milliseconds since 1970: files that changed between then and the begin of the watch are reported too
 */
export async function watchFolders(
  folders: string[],
  onChange: (paths: string[]) => void,
  since: number,
): Promise<FolderWatch> {
  const watcher = watch(folders, {
    ignoreInitial: true,
    ignored: (path) => folders.every((folder) => ignored.test(relative(folder, path))) || leadsBack(path),
  });
  let timer: NodeJS.Timeout | undefined;
  let paths: string[] = [];
  const add = (path: string) => {
    paths.push(path);
    clearTimeout(timer);
    timer = setTimeout(report, settleMs);
  };
  const report = () => {
    const reported = paths.map((path) => ({ path, version: versionOf(path) }));
    onChange(paths);
    paths = [];
    setTimeout(() => {
      for (const { path, version } of reported) if (versionOf(path) !== version) add(path);
    }, deafMs).unref();
  };
  watcher.on('all', (_, path) => add(path));
  // Such as a link that leads to itself. The other files are watched.
  watcher.on('error', (error) => say(`Not watched: ${(error as Error).message}`));
  await new Promise<void>((resolve) => watcher.once('ready', resolve));
  for (const [folder, names] of Object.entries(watcher.getWatched())) {
    for (const path of names.map((name) => join(folder, name))) if (changedAt(path) >= since) add(path);
  }
  return {
    // chokidar would open a closed watcher again, and the process would never end.
    add: (more) => void (watcher.closed || watcher.add(more)),
    close: () => watcher.close(),
  };
}

/**
 * Tells whether a path is a link to a folder on the way to it, or to one that holds such a folder. The way on from there has no
 * end, or goes through the whole file system.
 */
function leadsBack(path: string): boolean {
  try {
    if (!lstatSync(path).isSymbolicLink()) return false;
    const target = realpathSync(path);
    const prefix = target.endsWith(sep) ? target : target + sep;
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      if (`${realpathSync(folder)}${sep}`.startsWith(prefix)) return true;
      if (folder === dirname(folder)) return false;
    }
  } catch {
    return false;
  }
}

/** @returns a text that changes when a file does */
function versionOf(path: string): string {
  const stats = statsOf(path);
  return stats ? `${stats.mtimeMs} ${stats.size}` : '';
}

/** @returns milliseconds since 1970, 0 for a path that is gone */
function changedAt(path: string): number {
  return statsOf(path)?.mtimeMs ?? 0;
}

/** @returns undefined for a path that is gone, or leads to itself */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
