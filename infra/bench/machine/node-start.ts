/** Times the start of Node.js, the measure for other starts: they depend on the machine as it does. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** @returns how long `node -e 0` takes (ms) */
export async function nodeStartMs(): Promise<number> {
  const begun = performance.now();
  await run(process.execPath, ['-e', '0']);
  return performance.now() - begun;
}
