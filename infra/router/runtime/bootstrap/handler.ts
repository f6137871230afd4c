import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { callbackHandlerDeprecated, handlerNotFound, importError, malformedHandlerName } from './errors.ts';
import { isStreaming, type StreamingHandler } from './response-stream.ts';

export type BufferedHandler = (event: unknown, context: unknown) => unknown;

export type Handler = { streaming: false; handle: BufferedHandler } | { streaming: true; handle: StreamingHandler };

const extensions = ['.mjs', '.js', '.cjs'];

/**
 * Loads a handler by Lambda's rules: "folder/file.export", found below the task root.
 * @param taskRoot LAMBDA_TASK_ROOT
 * @param handler  _HANDLER
 * @throws an error named Runtime.*, or what the module itself threw
 */
export async function loadHandler(taskRoot: string, handler: string): Promise<Handler> {
  const [, moduleName, exportName] = /^([^.]+)\.(.+)$/.exec(basename(handler)) ?? [];
  if (!moduleName || !exportName || handler.includes('..')) {
    throw malformedHandlerName(`'${handler}' is no handler name: it takes "file.export"`);
  }
  const path = join(taskRoot, dirname(handler), moduleName);
  const file = extensions.map((extension) => path + extension).find(existsSync);
  if (!file) throw handlerNotFound(`there is no ${path}.mjs, .js or .cjs`);
  let module: Record<string, unknown>;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    throw importError(error);
  }
  const found = find(module, exportName) ?? find(module.default, exportName);
  if (typeof found !== 'function') throw handlerNotFound(`${handler} is not an exported function`);
  if (isStreaming(found)) return { streaming: true, handle: found as StreamingHandler };
  if (found.length > 2) throw callbackHandlerDeprecated();
  return { streaming: false, handle: found as BufferedHandler };
}

function find(module: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], module);
}
