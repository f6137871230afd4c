/**
 * Stack traces in terms of the sources. Node's own --enable-source-maps reads every map when its module loads, which
 * takes longer than all the rest of a function's start; here a map is read when the first stack trace needs it.
 */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
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
  const url = callSite.getFileName();
  const line = callSite.getLineNumber();
  const column = callSite.getColumnNumber();
  if (!url?.startsWith('file:') || line === null || column === null) return text;
  if (!maps.has(url)) maps.set(url, readMap(url));
  const entry = maps.get(url)?.findEntry(line - 1, column - 1);
  if (!entry || !('originalSource' in entry)) return text;
  const source = resolve(dirname(fileURLToPath(url)), entry.originalSource);
  return text.replace(`${url}:${line}:${column}`, `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`);
}

/** @returns undefined for a module that has no map, or none that can be read */
function readMap(url: string): SourceMap | undefined {
  try {
    const file = fileURLToPath(url);
    const { data, path } = reference.exec(readFileSync(file, 'utf8'))?.groups ?? {};
    if (data) return new SourceMap(JSON.parse(Buffer.from(data, 'base64').toString()));
    return path ? new SourceMap(JSON.parse(readFileSync(resolve(dirname(file), path), 'utf8'))) : undefined;
  } catch {
    return undefined;
  }
}
