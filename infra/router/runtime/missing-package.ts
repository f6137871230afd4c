/** Recognises errors of Node.js about a package that is not installed. */

/**
 * @param errorMessage of INIT
 * @returns the package's name; undefined for another error, such as a missing file
 */
export function missingPackage(errorMessage: string): string | undefined {
  return /^.*Cannot find (?:module|package) '((?:@[^'/]+\/)?[^'./@][^'/]*)/.exec(errorMessage)?.[1];
}
