/** Finds the file of a handler. The runtime client loads it, and the router describes it in its Invoke API. */
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

/** Lambda tries these in turn. */
const extensions = ['', '.js', '.mjs', '.cjs'];

/**
 * Finds a handler's module by Lambda's rules.
 * @param taskRoot LAMBDA_TASK_ROOT, the folder of the function's code
 * @param handler  _HANDLER, "folder/file.export"; the folder may be absolute
 * @returns `path` without an extension, and `file` with one; `file` is undefined when no such file exists
 */
export function findHandlerFile(taskRoot: string, handler: string): { path: string; file: string | undefined } {
  const name = basename(handler);
  const path = resolve(taskRoot, dirname(handler), name.slice(0, name.indexOf('.')));
  return { path, file: extensions.map((extension) => path + extension).find(isFile) };
}

/** A folder may have the name of the module beside it, such as users/ beside users.js. */
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
