import { once } from 'node:events';
import { type FSWatcher, watch } from 'chokidar';

/** Milliseconds to let an editor finish writing, or Git a branch. */
const settle = 20;

/** What editors put beside a file, and tests, which are part of no build. */
const others = /(~|\.swp|\.test\.ts)$/;

/**
 * Tells of changes in folders, however they come about. (Node's own recursive watch on Linux loses sight of a file that is
 * replaced by another of its name, as many editors save.)
 * @param onChange called once for all changes that come together, with the paths of what changed
 * @returns close it to end the watch
 */
export async function watchFolders(folders: string[], onChange: (paths: string[]) => void): Promise<FSWatcher> {
  const watcher = watch(folders, { ignoreInitial: true, ignored: (path) => others.test(path) });
  let timer: NodeJS.Timeout | undefined;
  let paths: string[] = [];
  watcher.on('all', (_, path) => {
    paths.push(path);
    clearTimeout(timer);
    timer = setTimeout(() => {
      onChange(paths);
      paths = [];
    }, settle);
  });
  await once(watcher, 'ready');
  return watcher;
}
