/** Reads files that a person names, and no pipe or device in their place, which may never end. */
import { readFileSync, statSync } from 'node:fs';

/** A file has more bytes than it may, or is a folder, a pipe or a device. The message does not name it. */
export class UnreadableFile extends Error {
  override name = 'UnreadableFile';
}

/**
 * Reads a whole file as UTF-8.
 * @param maxMegabytes limit of its size, in units of 1,048,576 bytes
 * @throws {UnreadableFile}
 * @throws Error with the code of the system, such as ENOENT
 */
export function readRegularFile(file: string, maxMegabytes: number): string {
  const status = statSync(file);
  if (!status.isFile()) throw new UnreadableFile('it is no regular file');
  if (status.size > maxMegabytes * 1_048_576) throw new UnreadableFile(`it has more than ${maxMegabytes} MB`);
  return readFileSync(file, 'utf8');
}
