/** Reads the text files of a project. */
import { readFileSync, statSync } from 'node:fs';
import { type Place, ProjectError } from './project.ts';

/** Far above any description: the templates that CloudFormation takes have 1 MB. */
const maxMegabytes = 16;

/**
 * Reads a whole file as UTF-8.
 * @param place for the error
 * @throws {ProjectError} for a file that is missing or too large, and for a pipe or a device, which may never end
 */
export function readText(file: string, place: Place): string {
  try {
    const status = statSync(file);
    if (!status.isFile()) throw new Error('it is no regular file');
    if (status.size > maxMegabytes * 1024 * 1024) throw new Error(`it has more than ${maxMegabytes} MB`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ProjectError(`the file can't be read: ${(error as Error).message}`, place);
  }
}
