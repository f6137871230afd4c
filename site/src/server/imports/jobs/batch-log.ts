/** Keeps batches in a file, one line of JSON for each, so that a step continues after the last complete one. */
import { type FileHandle, open } from 'node:fs/promises';

const lineEnd = 0x0a;
/** Node.js ends a line at these characters, too, and JSON does not escape them. */
const separators = /[\u2028\u2029]/g;

/** A file of batches. A crash may cut its last line, and readers then ignore that line. */
export class BatchLog<Item> {
  readonly #path: string;

  /** @param path the file; it need not exist */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Adds a batch and waits until it is on the disk.
   * @throws Error with the code of the system, such as ENOSPC
   */
  async append(batch: readonly Item[]): Promise<void> {
    const file = await open(this.#path, 'a');
    try {
      const line = JSON.stringify(batch).replace(
        separators,
        (character) => `\\u${character.charCodeAt(0).toString(16)}`,
      );
      await file.appendFile(`${line}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  /** Removes a last line that a crash or a full disk has cut. @returns the number of batches */
  async repair(): Promise<number> {
    const file = await open(this.#path, 'a+');
    try {
      const bytes = await file.readFile();
      await file.truncate(bytes.lastIndexOf(lineEnd) + 1);
      let batches = 0;
      for (const byte of bytes) if (byte === lineEnd) batches++;
      return batches;
    } finally {
      await file.close();
    }
  }

  /** Reads the batches one at a time, in the order in which they were added. A missing file has none. */
  async *read(): AsyncGenerator<Item[]> {
    const file = await openIfThere(this.#path);
    if (!file) return;
    try {
      for await (const line of file.readLines()) {
        const batch = parse<Item>(line);
        if (!batch) return;
        yield batch;
      }
    } finally {
      await file.close();
    }
  }
}

/** Reads two files whose batches belong together. @returns each batch of the first file with its fellow, as far as there is one */
export async function* readTogether<First, Second>(
  first: BatchLog<First>,
  second: BatchLog<Second>,
): AsyncGenerator<[First[], Second[] | undefined]> {
  const fellows = second.read();
  try {
    for await (const batch of first.read()) yield [batch, (await fellows.next()).value];
  } finally {
    await fellows.return(undefined);
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @returns undefined for a line that was cut */
function parse<Item>(line: string): Item[] | undefined {
  try {
    return JSON.parse(line) as Item[];
  } catch {
    return undefined;
  }
}
