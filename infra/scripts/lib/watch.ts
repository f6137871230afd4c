import { once } from 'node:events';
import { type FSWatcher, watch } from 'chokidar';

/** How long no change must come (ms), so that an editor has finished a save, or Git a switch of branches. */
const settle = 20;

/** Files that are ignored: temporary files of editors, and tests, which are part of no build. */
const others = /(~|\.swp|\.test\.ts)$/;

/**
 * Watches folders for changed, new and removed files. Node's own recursive watch does not suffice: on Linux it loses a
 * file that another file replaces, which is how many editors save.
 * @param onChange called once for changes in quick succession, with the paths of the changed files
 * @returns the watcher; its `close` ends the watch
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
