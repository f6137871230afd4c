/** Whether the package.json of a project reaches into the code of a function, which on Lambda has nothing above it. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * @param codeFolder absolute path
 * @returns whether Node.js would take .js files of the folder for ES modules because of a package.json above the folder
 */
export function isInModuleScope(codeFolder: string): boolean {
  for (let folder = codeFolder; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (statSync(file, { throwIfNoEntry: false })?.isFile()) {
      return folder !== codeFolder && /"type"\s*:\s*"module"/.test(readFileSync(file, 'utf8'));
    }
    if (folder === dirname(folder)) return false;
  }
}
