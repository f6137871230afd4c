/** Watches source folders for `npm run dev`. */
import { once } from 'node:events';
import { type FSWatcher, watch } from 'chokidar';

/** The time without a change after which an editor has finished a save, or Git a switch. */
const settleMs = 20;

/** Temporary files of editors, and tests, which no build contains. */
const ignored = /(~|\.swp|\.test\.ts)$/;

/**
 * Reports changes in folders. It uses chokidar, because Node's own recursive watch on Linux loses a file that is replaced by
 * another one of its name, which is how many editors save.
 * @param folders absolute paths
 * @param onChange called once for all changes that come together, with the paths of the changed files and folders
 * @returns the watcher; closing it ends the watch
 */
export async function watchFolders(folders: string[], onChange: (paths: string[]) => void): Promise<FSWatcher> {
  const watcher = watch(folders, { ignoreInitial: true, ignored: (path) => ignored.test(path) });
  let timer: NodeJS.Timeout | undefined;
  let paths: string[] = [];
  watcher.on('all', (_, path) => {
    paths.push(path);
    clearTimeout(timer);
    timer = setTimeout(() => {
      onChange(paths);
      paths = [];
    }, settleMs);
  });
  await once(watcher, 'ready');
  return watcher;
}
