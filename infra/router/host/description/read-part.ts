/** Keeps a fault in one part of a description from ending the reading of the others. */
import { ProjectError, type ProjectFunction } from '../project.ts';

/**
 * Reads a part of a function. A fault in it becomes the function's, and the host serves the others.
 * @param owner the function
 * @param read  reads the part
 * @returns what `read` returns; undefined after a fault
 */
export function readPart<T>(owner: ProjectFunction, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProjectError)) throw error;
    owner.fault ??= { ...error.place, message: error.message };
    return undefined;
  }
}
