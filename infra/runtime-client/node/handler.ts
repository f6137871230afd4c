import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireCached } from '../../v8/code-cache.ts';
import { findHandlerFile } from '../handler-file.ts';
import { callbackHandlerDeprecated, handlerNotFound, importError, malformedHandlerName } from './errors.ts';
import { isStreaming, type StreamingHandler } from './response-stream.ts';

export type BufferedHandler = (event: unknown, context: unknown) => unknown;

export type Handler = { streaming: false; handle: BufferedHandler } | { streaming: true; handle: StreamingHandler };

/**
 * Loads a handler by Lambda's rules: "folder/file.export", found below the task root.
 * @param taskRoot LAMBDA_TASK_ROOT
 * @param handler  _HANDLER
 * @param cache    folder for compiled code; undefined: none is kept
 * @throws an error named Runtime.*, or what the module itself threw
 */
export async function loadHandler(taskRoot: string, handler: string, cache: string | undefined): Promise<Handler> {
  const [, moduleName, exportName] = /^([^.]+)\.(.+)$/.exec(basename(handler)) ?? [];
  if (!moduleName || !exportName || handler.includes('..')) {
    throw malformedHandlerName(`'${handler}' is no handler name: it takes "file.export"`);
  }
  const { path, file } = findHandlerFile(taskRoot, handler);
  if (!file) throw handlerNotFound(`there is no ${path}.mjs, .js or .cjs`);
  let module: Record<string, unknown>;
  try {
    module = await load(file, cache);
  } catch (error) {
    throw importError(error);
  }
  const found = find(module, exportName) ?? find(module.default, exportName);
  if (typeof found !== 'function') throw handlerNotFound(`${handler} is not an exported function`);
  if (isStreaming(found)) return { streaming: true, handle: found as StreamingHandler };
  if (found.length > 2) throw callbackHandlerDeprecated();
  return { streaming: false, handle: found as BufferedHandler };
}

async function load(file: string, cache: string | undefined): Promise<Record<string, unknown>> {
  if (cache && file.endsWith('.cjs')) return requireCached(file, cache) as Record<string, unknown>;
  return import(pathToFileURL(file).href);
}

function find(module: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], module);
}
