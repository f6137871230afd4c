/** Chooses the Node that runs the tasks. Runs on the host's Node. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** All tasks need at least this version of Node, which runs TypeScript files as they are. */
const minMajor = 24;

/**
 * Prefers the host's Node, because its owner keeps it secure, to the one that the packages bring.
 * @param {string} host path of the host's Node
 * @param {string} bin node_modules/.bin
 * @returns {{ node: string, isPackaged: boolean }} the program to run tasks with
 * @throws {Error} when neither is new enough
 */
export function chooseNode(host, bin) {
  if (majorOf(host) >= minMajor) return { node: host, isPackaged: false };
  const node = join(bin, process.platform === 'win32' ? 'node.cmd' : 'node');
  if (existsSync(node)) return { node, isPackaged: true };
  throw new Error(
    `There is no package of Node.js for ${process.platform}-${process.arch}: install Node.js ${minMajor}`,
  );
}

/** @returns {number} NaN for a program that does not run */
function majorOf(node) {
  if (node === process.execPath) return Number.parseInt(process.versions.node, 10);
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return Number.parseInt(`${stdout}`.replace('v', ''), 10);
}
