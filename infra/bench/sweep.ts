/** How cost grows with size: bytes of a body, connections, users. cadastro and the baseline in turn at each size. */
import { cadastro, echo } from './contenders/cadastro.ts';
import type { Contender, Running } from './contenders/contender.ts';
import { fastify } from './contenders/fastify.ts';
import { type LoadResult, load, type Requests } from './load/load.ts';
import { NoiseMeter } from './machine/noise.ts';
import { cpuSeconds } from './machine/processes.ts';
import { median } from './report/statistics.ts';
import { fill } from './users.ts';

export interface SweepRow {
  size: number;
  /** Requests a second as ratio to the baseline at the same size. */
  ratio: number;
  p99Ratio: number;
  /** Microseconds of CPU a request. */
  cpu: number;
  baselineCpu: number;
  noise: number;
}

export interface Sweep {
  title: string;
  unit: string;
  rows: SweepRow[];
}

export interface SweepOptions {
  rounds: number;
  seconds: number;
  connections: number;
  say(message: string): void;
}

const bodies = [50, 1000, 10_000, 100_000, 1_000_000];
const connectionCounts = [1, 4, 16, 64, 256];
const userCounts = [10, 100, 1000, 10_000, 100_000];

export async function sweep(options: SweepOptions): Promise<Sweep[]> {
  const sweeps: Sweep[] = [];
  await together([echo, fastify], async (pair) => {
    const rows: SweepRow[] = [];
    for (const bytes of bodies) {
      rows.push({ size: bytes, ...(await duel(pair, { kind: 'echo', bytes }, options)) });
      options.say(`Body of ${bytes} bytes: ${describe(rows)}`);
    }
    sweeps.push({ title: 'POST /echo, a body sent back', unit: 'bytes', rows });
  });
  await together([cadastro, fastify], async (pair) => {
    for (const { url } of pair) await fill(url, 10);
    const one = { kind: 'get', path: '/users/1' } as const;
    const rows: SweepRow[] = [];
    for (const connections of connectionCounts) {
      rows.push({ size: connections, ...(await duel(pair, one, { ...options, connections })) });
      options.say(`${connections} connections: ${describe(rows)}`);
    }
    sweeps.push({ title: 'GET /users/1, cached', unit: 'connections', rows });
    const created: SweepRow[] = [];
    for (const users of userCounts) {
      for (const { url } of pair) await fill(url, users);
      const path = '/users?limit=10&sort=name';
      created.push({ size: users, ...(await duel(pair, { kind: 'get', path }, options)) });
      options.say(`${users} users: ${describe(created)}`);
    }
    sweeps.push({ title: 'GET /users?limit=10&sort=name, cached', unit: 'users', rows: created });
    const mixed: SweepRow[] = [];
    for (const users of userCounts.toReversed()) {
      mixed.unshift({ size: users, ...(await duel(pair, { kind: 'mixed', users }, options)) });
      options.say(`90 % reads, 10 % writes over ${users} users: ${describe([mixed[0] as SweepRow])}`);
    }
    sweeps.push({
      title: '90 % reads, 10 % writes, among the first so many of 100,000 users',
      unit: 'users',
      rows: mixed,
    });
  });
  return sweeps;
}

type Pair = [Running, Running];

async function together(contenders: [Contender, Contender], work: (pair: Pair) => Promise<void>): Promise<void> {
  const first = await contenders[0].start();
  try {
    const second = await contenders[1].start();
    try {
      await work([first, second]);
    } finally {
      await second.stop();
    }
  } finally {
    await first.stop();
  }
}

/** Both in turn, several times; medians of the rounds. */
async function duel(pair: Pair, requests: Requests, options: SweepOptions): Promise<Omit<SweepRow, 'size'>> {
  const { rounds, seconds, connections } = options;
  const noise = new NoiseMeter();
  const results: [Result, Result][] = [];
  for (let round = 0; round < rounds; round++) {
    const [first, second] = [await once(pair[0]), await once(pair[1])];
    results.push([first, second]);
  }
  return {
    ratio: median(results.map(([own, base]) => own.perSecond / base.perSecond)),
    p99Ratio: median(results.map(([own, base]) => own.p99 / base.p99)),
    cpu: median(results.map(([own]) => own.cpu)),
    baselineCpu: median(results.map(([, base]) => base.cpu)),
    noise: noise.read(),
  };

  async function once({ url, pid }: Running): Promise<Result> {
    await load({ url, requests, connections, seconds: 1 });
    const begun = cpuSeconds(pid);
    const result = await load({ url, requests, connections, seconds });
    if (result.errors > 0) throw new Error(`${result.errors} errors with ${JSON.stringify(requests)}`);
    return { ...result, cpu: ((cpuSeconds(pid) - begun) / result.requests) * 1e6 };
  }
}

type Result = LoadResult & { cpu: number };

function describe(rows: SweepRow[]): string {
  const last = rows.at(-1);
  return last
    ? `${last.ratio.toFixed(2)} of Fastify, ${last.cpu.toFixed(0)} µs of CPU (${last.baselineCpu.toFixed(0)})`
    : '';
}
