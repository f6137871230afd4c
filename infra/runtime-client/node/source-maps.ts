/**
 * Stack traces with the positions of the sources, in function processes.
 *
 * Node's own --enable-source-maps parses every map when its module loads, which costs a fifth of a function's start
 * (decision 015). This module parses a map when the first stack trace needs it.
 */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const mapReference = /^\/\/# sourceMappingURL=(?:data:application\/json[^,]*;base64,(?<data>\S+)|(?<path>\S+))\s*$/m;

/** Makes `stack` of every later error name positions in the sources, where the bundle has a source map. */
export function mapStackTraces(): void {
  const mapsByFile = new Map<string, SourceMap | undefined>();
  Error.prepareStackTrace = (error, callSites) =>
    [headline(error), ...callSites.map((callSite) => `    at ${mappedCallSite(callSite, mapsByFile)}`)].join('\n');
}

function headline(error: Error): string {
  try {
    // An error of Node.js prints its code by a toString method of its own, and Node.js begins its stack with that text.
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code === 'string' && code.startsWith('ERR_') && String(error).includes(`[${code}]`))
      return String(error);
    return Error.prototype.toString.call(error);
  } catch {
    // The error's own `name` or `message` getter throws.
    return 'Error';
  }
}

/**
 * An error in this function would replace the handler's error, because V8 calls it while it builds `stack`. A position
 * that cannot be mapped therefore stays a position in the bundle.
 */
function mappedCallSite(callSite: NodeJS.CallSite, mapsByFile: Map<string, SourceMap | undefined>): string {
  try {
    return sourcePosition(callSite, mapsByFile) ?? String(callSite);
  } catch {
    return String(callSite);
  }
}

/** @returns undefined for a call site outside of every source map */
function sourcePosition(callSite: NodeJS.CallSite, mapsByFile: Map<string, SourceMap | undefined>): string | undefined {
  // Node.js gives a URL for an ES module and a path for a CommonJS module.
  const name = callSite.getFileName() ?? '';
  const file = name.startsWith('file:') ? fileURLToPath(name) : name;
  const line = callSite.getLineNumber();
  const column = callSite.getColumnNumber();
  if (!isAbsolute(file) || line === null || column === null) return undefined;
  if (!mapsByFile.has(file)) mapsByFile.set(file, readMap(file));
  const entry: Partial<ReturnType<SourceMap['findEntry']>> =
    mapsByFile.get(file)?.findEntry(line - 1, column - 1) ?? {};
  // A segment of a map may have no source: code that the bundler generated.
  if (!('originalSource' in entry) || entry.originalSource === undefined) return undefined;
  const { originalSource, originalLine = 0, originalColumn = 0 } = entry;
  const source = resolve(dirname(file), originalSource);
  return String(callSite).replace(`${name}:${line}:${column}`, `${source}:${originalLine + 1}:${originalColumn + 1}`);
}

/** @returns undefined for a module without a readable source map */
function readMap(file: string): SourceMap | undefined {
  try {
    const { data, path } = mapReference.exec(readFileSync(file, 'utf8'))?.groups ?? {};
    if (data) return new SourceMap(JSON.parse(Buffer.from(data, 'base64').toString()));
    return path ? new SourceMap(JSON.parse(readFileSync(resolve(dirname(file), path), 'utf8'))) : undefined;
  } catch {
    return undefined;
  }
}
