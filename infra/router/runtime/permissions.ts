/** Options of Node.js that keep a function away from files and programs that are not its own. */
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { FunctionConfiguration } from '../manifest.ts';

/**
 * Shows which C library a process uses. better-sqlite3 looks there for the binary that fits, and without it takes 80 ms at each
 * start for another way.
 */
const ownMemoryMap = '/proc/self/maps';

/**
 * Makes the options for FUNCTION_PERMISSIONS=strict. The process may read its code, its packages and the files that its
 * variables NAME_FILE name. It may also write to FUNCTION_PATHS. It can't start programs or threads. Native code, such as SQLite's, is not bound by this, so a hostile function can evade it.
 * @param env the router's own environment
 * @param more further files and folders that the process reads
 * @returns no options when FUNCTION_PERMISSIONS is open
 * @see https://nodejs.org/docs/latest-v24.x/api/permissions.html
 * @see infra/docs/decisions/030-isolation-of-functions.md
 */
export function permissionFlags(
  { codeFolder, environment }: FunctionConfiguration,
  { permissions, functionPaths }: Config,
  env: NodeJS.ProcessEnv,
  more: readonly string[],
): string[] {
  if (permissions === 'open') return [];
  const secrets = environment.flatMap((name) => env[`${name}_FILE`] || []).map((path) => resolve(path));
  return [
    '--permission',
    '--allow-addons',
    // The warning says that native code can evade the permissions. It would be a line in the log for each start.
    '--disable-warning=PERM0001',
    ...[codeFolder, ...packageFolders(codeFolder), ownMemoryMap, ...secrets, ...more, ...functionPaths].map(
      (path) => `--allow-fs-read=${path}`,
    ),
    ...functionPaths.map((path) => `--allow-fs-write=${path}`),
  ];
}

/** @returns the folders in which Node.js looks for a package that a file of the folder requires */
function packageFolders(folder: string): string[] {
  const parent = dirname(folder);
  return [join(folder, 'node_modules'), ...(parent === folder ? [] : packageFolders(parent))];
}
