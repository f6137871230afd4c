/** Names the client of a stored import without its address, so that the imports of one client can be counted after a restart. */
import { createHmac, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFolder } from './create-folder.ts';

const secretBytes = 32;
const nameCharacters = 16;

/** The names that clients have in one data folder. */
export class ClientNames {
  /** Before `load`, and without a disk, names last as long as this process. */
  #secret: Buffer = randomBytes(secretBytes);

  /**
   * Reads the secret of the folder, or makes it.
   * @throws Error with the code of the system, such as EACCES
   */
  async load(dataFolder: string): Promise<void> {
    const path = join(dataFolder, 'client-secret');
    await createFolder(dataFolder);
    // A crash may have left a part of it.
    const stored = await readFile(path).catch(() => undefined);
    if (stored?.length === secretBytes) this.#secret = stored;
    else await writeFile(path, this.#secret, { mode: 0o600 });
  }

  /** @param client the key of a client @returns its name, from which nobody without the secret can find the client's address */
  nameOf(client: string): string {
    return createHmac('sha256', this.#secret).update(client).digest('base64url').slice(0, nameCharacters);
  }
}
