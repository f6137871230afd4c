/**
 * Stack traces in terms of the sources. Node's own --enable-source-maps reads every map when its module loads, which
 * takes longer than all the rest of a function's start; here a map is read when the first stack trace needs it.
 */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const reference = /^\/\/# sourceMappingURL=(?:data:application\/json[^,]*;base64,(?<data>\S+)|(?<path>\S+))\s*$/m;

/** Has `stack` of every error name the places in the sources, where a module has a source map. */
export function mapStackTraces(): void {
  const maps = new Map<string, SourceMap | undefined>();
  Error.prepareStackTrace = (error, callSites) =>
    [headline(error), ...callSites.map((callSite) => `    at ${inSource(callSite, maps)}`)].join('\n');
}

function headline(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    // A name or message that can't be read.
    return 'Error';
  }
}

function inSource(callSite: NodeJS.CallSite, maps: Map<string, SourceMap | undefined>): string {
  const text = String(callSite);
  // A URL where it is an ES module, a path where it is a CommonJS one.
  const name = callSite.getFileName() ?? '';
  const file = name.startsWith('file:') ? fileURLToPath(name) : name;
  const line = callSite.getLineNumber();
  const column = callSite.getColumnNumber();
  if (!isAbsolute(file) || line === null || column === null) return text;
  if (!maps.has(file)) maps.set(file, readMap(file));
  const entry = maps.get(file)?.findEntry(line - 1, column - 1);
  if (!entry || !('originalSource' in entry)) return text;
  const source = resolve(dirname(file), entry.originalSource);
  return text.replace(`${name}:${line}:${column}`, `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`);
}

/** @returns undefined for a module that has no map, or none that can be read */
function readMap(file: string): SourceMap | undefined {
  try {
    const { data, path } = reference.exec(readFileSync(file, 'utf8'))?.groups ?? {};
    if (data) return new SourceMap(JSON.parse(Buffer.from(data, 'base64').toString()));
    return path ? new SourceMap(JSON.parse(readFileSync(resolve(dirname(file), path), 'utf8'))) : undefined;
  } catch {
    return undefined;
  }
}
