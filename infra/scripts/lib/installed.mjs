/** Compares the installed packages with package-lock.json. Runs on the host's Node, before anything is installed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Reads the list that npm itself leaves in node_modules, so that a `npm ci` by hand counts as well.
 * @param {string} folder a folder with a package-lock.json
 * @returns {boolean} whether every package of the lock is installed in its version; packages for other platforms may lack
 * @see https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json#hidden-lockfiles
 */
export function isInstalled(folder) {
  const locked = packagesIn(join(folder, 'package-lock.json'));
  const installed = packagesIn(join(folder, 'node_modules/.package-lock.json'));
  if (!locked || !installed) return false;
  return Object.entries(locked).every(([path, { version, optional }]) => {
    if (path === '') return true;
    return path in installed ? installed[path].version === version : optional === true;
  });
}

/** @returns {Record<string, { version: string, optional?: boolean }> | undefined} undefined without a readable file */
function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
