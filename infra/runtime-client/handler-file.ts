import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const extensions = ['.mjs', '.js', '.cjs'];

/**
 * The module of a handler by Lambda's rules: "folder/file.export", found below the task root.
 * @param taskRoot LAMBDA_TASK_ROOT
 * @param handler  _HANDLER
 * @returns the path without an extension, and the file, undefined when there is none
 */
export function findHandlerFile(taskRoot: string, handler: string): { path: string; file: string | undefined } {
  const name = basename(handler);
  const path = join(taskRoot, dirname(handler), name.slice(0, name.indexOf('.')));
  return { path, file: extensions.map((extension) => path + extension).find(existsSync) };
}
