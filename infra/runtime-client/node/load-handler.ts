/** Loads the handler of a function in its process. */
import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireCached } from '../../v8/code-cache.ts';
import { findHandlerFile } from '../../wire/handler-file.ts';
import type { Callback } from './callbacks.ts';
import { isStreaming, type StreamingHandler } from './response-stream.ts';
import {
  CallbackHandlerDeprecatedError,
  HandlerNotFoundError,
  importError,
  MalformedHandlerNameError,
} from './runtime-errors.ts';

/** A handler that answers with one value: it returns the value or a promise of it, or calls back. */
export type BufferedHandler = (event: unknown, context: unknown, callback: Callback) => unknown;

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
 * @param takesCallbacks whether a handler may take a callback, as in runtimes up to Node.js 22
 * @throws an error named Runtime.*, or what the module itself threw
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 */
export async function loadHandler(
  taskRoot: string,
  handlerName: string,
  cacheFolder: string | undefined,
  takesCallbacks: boolean,
): Promise<LoadedHandler> {
  if (handlerName.includes('..')) {
    throw new MalformedHandlerNameError(
      `'${handlerName}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const [, moduleName, exportName] = /^([^.]*)\.(.*)$/.exec(basename(handlerName)) ?? [];
  if (moduleName === undefined || exportName === undefined) throw new MalformedHandlerNameError('Bad handler');
  const { exports, saveCode } = await load(taskRoot, handlerName, moduleName, cacheFolder).catch((error) => {
    throw importError(error);
  });
  const found = memberOf(exports, exportName) || memberOf(exports.default, exportName);
  if (!found) throw new HandlerNotFoundError(`${handlerName} is undefined or not exported; ${namesOf(exports)}`);
  if (typeof found !== 'function') throw new HandlerNotFoundError(`${handlerName} is not a function`);
  if (isStreaming(found)) return { handler: { streaming: true, handle: found as StreamingHandler }, saveCode };
  if (found.length > 2 && !takesCallbacks) throw new CallbackHandlerDeprecatedError();
  return { handler: { streaming: false, handle: found as BufferedHandler }, saveCode };
}

async function load(taskRoot: string, handlerName: string, moduleName: string, cacheFolder: string | undefined) {
  const { path, file } = findHandlerFile(taskRoot, handlerName);
  if (file === undefined) {
    // A handler may be in a package: "node_modules" of the function, or a folder of NODE_PATH.
    const require = createRequire(import.meta.filename);
    const found = require.resolve(moduleName, { paths: [taskRoot, dirname(path)] });
    return { exports: require(found) as Record<string, unknown>, saveCode() {} };
  }
  if (cacheFolder && file.endsWith('.cjs')) {
    const { exports, saveCode } = requireCached(file, cacheFolder);
    return { exports: { default: exports } as Record<string, unknown>, saveCode };
  }
  return { exports: (await import(pathToFileURL(file).href)) as Record<string, unknown>, saveCode() {} };
}

/** @param path names with dots between them, as in "handlers.create" */
function memberOf(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((one, key) => (one && typeof one === 'object' ? Reflect.get(one, key) : undefined), value);
}

function namesOf(exports: Record<string, unknown>): string {
  const all = [...Object.keys(exports), ...Object.keys(Object(exports.default))];
  const names = new Set(all.filter((name) => name !== 'default' && name !== 'module.exports'));
  return `the module exports ${[...names].join(', ') || 'nothing'}`;
}
