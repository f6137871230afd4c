/** Reads the text files of a project. */
import { readRegularFile } from '../process/regular-file.ts';
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
    return readRegularFile(file, maxMegabytes);
  } catch (error) {
    throw new ProjectError(`the file can't be read: ${(error as Error).message}`, place);
  }
}
