/** Summarizes a CPU profile: the time per function, file and package, in the names of the TypeScript sources. */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { CallFrame, CpuProfile } from './inspector.ts';

/** A share of the CPU time. */
export interface Cost {
  /** `name file:line`, or the name of a package or file. */
  place: string;
  /** Share of the process's busy time, 0 to 1. */
  share: number;
}

/** The costs of one process, each list in descending order. */
export interface ProfileSummary {
  /** Share of the profiled time in which the process was busy, 0 to 1. */
  busy: number;
  /** Time in each function, without the functions that it calls. */
  functions: Cost[];
  /** The same, but time in Node.js and in system calls counts for the function of ours or of a package that called it. */
  charged: Cost[];
  /** `charged` by source file or package. */
  areas: Cost[];
}

/** Names that V8 gives to time without work. */
const idleNames = new Set(['(idle)', '(root)']);

/** Adds up the samples of a profile. */
export function summarize({ nodes, samples, timeDeltas }: CpuProfile): ProfileSummary {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const maps = new SourceMaps();
  const functions = new Map<string, number>();
  const charged = new Map<string, number>();
  const areas = new Map<string, number>();
  let total = 0;
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const time = timeDeltas[index] ?? 0;
    total += time;
    const frame = byId.get(id)?.callFrame;
    if (!frame || idleNames.has(frame.functionName)) continue;
    busy += time;
    const own = maps.locate(frame);
    const cause = causeOf(id);
    add(functions, own.place, time);
    add(charged, cause === frame ? own.place : `${maps.locate(cause).place}  ← ${own.place}`, time);
    add(areas, maps.locate(cause).area, time);
  }
  const ranked = (times: Map<string, number>): Cost[] =>
    [...times].map(([place, time]) => ({ place, share: time / busy })).sort((a, b) => b.share - a.share);
  return { busy: busy / total, functions: ranked(functions), charged: ranked(charged), areas: ranked(areas) };

  /** @returns the nearest caller outside Node.js and native code, or the function itself if there is none */
  function causeOf(id: number): CallFrame {
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame;
      if (frame && frame.url !== '' && !frame.url.startsWith('node:')) return frame;
    }
    return (byId.get(id) as CpuProfile['nodes'][number]).callFrame;
  }
}

function add(times: Map<string, number>, place: string, time: number): void {
  times.set(place, (times.get(place) ?? 0) + time);
}

/** Finds the source of a function in a bundle by the bundle's source map. */
class SourceMaps {
  readonly #maps = new Map<string, SourceMap | undefined>();

  locate({ functionName, url, lineNumber, columnNumber }: CallFrame): { place: string; area: string } {
    const name = functionName || '(anonymous)';
    if (url === '') return { place: name, area: name.startsWith('(') ? name : '(native)' };
    if (url.startsWith('node:')) return { place: `${name} ${url}:${lineNumber + 1}`, area: areaOfNode(url) };
    const entry = this.#mapOf(url)?.findEntry(lineNumber, columnNumber);
    if (!entry || !('originalSource' in entry) || !entry.originalSource)
      return { place: `${name} ${url}:${lineNumber + 1}`, area: url };
    const source = entry.originalSource.replace(/^.*?(?=(node_modules|functions|infra)\/)/, '');
    const [, library] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source) ?? [];
    return { place: `${name} ${source}:${entry.originalLine + 1}`, area: library ?? source };
  }

  #mapOf(url: string): SourceMap | undefined {
    if (!this.#maps.has(url)) {
      const file = url.startsWith('file:') ? `${fileURLToPath(url)}.map` : '';
      this.#maps.set(url, existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8'))) : undefined);
    }
    return this.#maps.get(url);
  }
}

/** Groups Node.js's own files by folder. @returns `node:internal/streams` for `node:internal/streams/writable` */
function areaOfNode(url: string): string {
  return url.split('/').slice(0, 2).join('/');
}
