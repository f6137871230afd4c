/** Loads the handler of a function in its process. */
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireCached } from '../../v8/code-cache.ts';
import { findHandlerFile } from '../../wire/handler-file.ts';
import { isStreaming, type StreamingHandler } from './response-stream.ts';
import { callbackHandlerDeprecated, handlerNotFound, importError, malformedHandlerName } from './runtime-errors.ts';

/** A handler that returns its answer, or a promise of it. */
export type BufferedHandler = (event: unknown, context: unknown) => unknown;

/** A handler, and which of the two kinds it is. */
export type Handler = { streaming: false; handle: BufferedHandler } | { streaming: true; handle: StreamingHandler };

/** A handler and the means to start its next process faster. */
export interface LoadedHandler {
  handler: Handler;
  /** Writes the code that V8 compiled so far for the next process (infra/v8/code-cache.ts). */
  saveCode(): void;
}

/**
 * Loads a handler by Lambda's rules.
 * @param taskRoot    LAMBDA_TASK_ROOT, the folder of the function's code
 * @param handlerName _HANDLER, "folder/file.export"
 * @param cacheFolder folder for compiled code; undefined keeps none
 * @throws an error named Runtime.*, or what the module itself threw
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 */
export async function loadHandler(
  taskRoot: string,
  handlerName: string,
  cacheFolder: string | undefined,
): Promise<LoadedHandler> {
  const [, moduleName, exportName] = /^([^.]+)\.(.+)$/.exec(basename(handlerName)) ?? [];
  if (!moduleName || !exportName || handlerName.includes('..')) {
    throw malformedHandlerName(`_HANDLER is '${handlerName}': it takes "file.export"`);
  }
  const { path, file } = findHandlerFile(taskRoot, handlerName);
  if (!file) throw handlerNotFound(`The handler '${handlerName}' needs ${path}.mjs, .js or .cjs, and none exists`);
  const { exports, saveCode } = await load(file, cacheFolder).catch((error) => {
    throw importError(error);
  });
  const found = memberOf(exports, exportName) ?? memberOf(exports.default, exportName);
  if (typeof found !== 'function') throw handlerNotFound(missingExport(file, exportName, exports));
  if (isStreaming(found)) return { handler: { streaming: true, handle: found as StreamingHandler }, saveCode };
  if (found.length > 2) throw callbackHandlerDeprecated();
  return { handler: { streaming: false, handle: found as BufferedHandler }, saveCode };
}

async function load(file: string, cacheFolder: string | undefined) {
  if (cacheFolder && file.endsWith('.cjs')) {
    const { exports, saveCode } = requireCached(file, cacheFolder);
    return { exports: exports as Record<string, unknown>, saveCode };
  }
  return { exports: (await import(pathToFileURL(file).href)) as Record<string, unknown>, saveCode() {} };
}

/** @param path names with dots between them, as in "handlers.create" */
function memberOf(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((one, key) => (one as Record<string, unknown> | undefined)?.[key], value);
}

function missingExport(file: string, exportName: string, exports: Record<string, unknown>): string {
  const names = Object.keys(exports).filter((name) => name !== 'default' && name !== 'module.exports');
  return `${file} exports no function '${exportName}'; it exports ${names.join(', ') || 'nothing'}`;
}
