/** Creates folders of the site's data. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Creates a folder and those above it, which only their owner can read. What exists stays as it is. Node's `recursive` never
 * ends below /proc, where no folder can be created.
 * @throws Error with the code of the system, such as EACCES
 */
export async function createFolder(path: string): Promise<void> {
  if (await stat(path).catch(() => undefined)) return;
  await createFolder(dirname(path));
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
