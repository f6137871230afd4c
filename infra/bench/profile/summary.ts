/** From a CPU profile to what costs what: the time spent in each function itself, in the sources as they were written. */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { CallFrame, CpuProfile } from './inspector.ts';

export interface Cost {
  /** `name file:line`, or the name of a package or file */
  place: string;
  /** Share of the time that the process was not idle. */
  share: number;
}

export interface ProfileSummary {
  /** Share of the time that the process was busy. */
  busy: number;
  /** Time in each function itself. */
  functions: Cost[];
  /** The same, with the time in Node.js and in system calls charged to the code of ours or of a package that caused it. */
  charged: Cost[];
  /** The same as `charged`, by source file or package. */
  areas: Cost[];
}

const waiting = new Set(['(idle)', '(root)']);

export function summarize({ nodes, samples, timeDeltas }: CpuProfile): ProfileSummary {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const maps = new Maps();
  const functions = new Map<string, number>();
  const charged = new Map<string, number>();
  const areas = new Map<string, number>();
  let total = 0;
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const time = timeDeltas[index] ?? 0;
    total += time;
    const frame = byId.get(id)?.callFrame;
    if (!frame || waiting.has(frame.functionName)) continue;
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

  /** The nearest caller that is neither Node.js itself nor native code; the function itself where there is none. */
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

/** The sources behind bundles, by their source maps. */
class Maps {
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

/** `node:internal/streams/writable` as `node:internal/streams` */
function areaOfNode(url: string): string {
  return url.split('/').slice(0, 2).join('/');
}
