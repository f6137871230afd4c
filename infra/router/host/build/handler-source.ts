/** Finds the source file of a handler, in TypeScript or JavaScript. */
import { statSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';

const typeScript = ['.ts', '.mts', '.cts', '.tsx'];
const javaScript = ['.js', '.mjs', '.cjs', '.jsx'];

/** A handler's source file, and the parts of its name. */
export interface HandlerSource {
  /** Absolute path. */
  file: string;
  isTypeScript: boolean;
  /** Path below the code folder without the file's extension, such as "src/app". */
  module: string;
  /** Name of the export, such as "handler". */
  exportName: string;
}

/**
 * Finds a handler's source. Where both languages are there, as after a compiler, TypeScript counts.
 * @param codeFolder absolute path
 * @param handler "path/file.export"
 * @param packaging "as-is" takes JavaScript only
 * @returns the source, or undefined when no such file exists
 */
export function findHandlerSource(
  codeFolder: string,
  handler: string,
  packaging: 'auto' | 'bundle' | 'as-is',
): HandlerSource | undefined {
  const name = basename(handler);
  const [stem = '', ...exportName] = name.split('.');
  const module = posix.join(dirname(handler).replaceAll('\\', '/'), stem);
  const extensions = packaging === 'as-is' ? javaScript : [...typeScript, ...javaScript];
  const extension = extensions.find((one) => isFile(join(codeFolder, module + one)));
  if (extension === undefined) return undefined;
  const isTypeScript = typeScript.includes(extension);
  return { file: join(codeFolder, module + extension), isTypeScript, module, exportName: exportName.join('.') };
}

/** @returns the names that a handler's file may have, for a message */
export function handlerFileNames(handler: string, packaging: 'auto' | 'bundle' | 'as-is'): string {
  const module = join(dirname(handler), basename(handler).split('.')[0] ?? '');
  const extensions = packaging === 'as-is' ? ['.js', '.mjs', '.cjs'] : ['.ts', '.mts', '.js', '.mjs', '.cjs'];
  return `${module}{${extensions.join(',')}}`;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
