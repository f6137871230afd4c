/** Measures how cost grows with the size of a body, the connections and the users; cadastro and the reference in turn. */
import { cadastro, echo } from './contenders/cadastro.ts';
import type { Contender, RunningServer } from './contenders/contender.ts';
import { fastify } from './contenders/fastify.ts';
import { type LoadResult, load, type Requests } from './load/load.ts';
import { NoiseMeter } from './machine/noise.ts';
import { cpuSeconds } from './machine/processes.ts';
import { median } from './report/statistics.ts';
import { createUsers } from './users.ts';

/** One size. */
export interface SweepRow {
  size: number;
  /** Requests per second as ratio to the reference at the same size. */
  ratio: number;
  p99Ratio: number;
  /** CPU time per request in µs. */
  cpu: number;
  referenceCpu: number;
  /** Share of all cores that other programs used, 0 to 1. */
  noise: number;
}

/** All sizes of one request. */
export interface Sweep {
  title: string;
  unit: string;
  rows: SweepRow[];
}

/** How long and how often each size is measured. */
export interface SweepOptions {
  rounds: number;
  seconds: number;
  connections: number;
  say(message: string): void;
}

const bodyBytes = [50, 1000, 10_000, 100_000, 1_000_000];
const connectionCounts = [1, 4, 16, 64, 256];
const userCounts = [10, 100, 1000, 10_000, 100_000];

/** Measures every size of every sweep. */
export async function sweep(options: SweepOptions): Promise<Sweep[]> {
  const sweeps: Sweep[] = [];
  await withBothRunning([echo, fastify], async (pair) => {
    const rows: SweepRow[] = [];
    for (const bytes of bodyBytes) {
      rows.push({ size: bytes, ...(await measurePair(pair, { kind: 'echo', bytes }, options)) });
      options.say(`Body of ${bytes} bytes: ${describe(rows)}`);
    }
    sweeps.push({ title: 'POST /echo', unit: 'bytes', rows });
  });
  await withBothRunning([cadastro, fastify], async (pair) => {
    for (const { url } of pair) await createUsers(url, 10);
    const one = { kind: 'get', path: '/users/1' } as const;
    const rows: SweepRow[] = [];
    for (const connections of connectionCounts) {
      rows.push({ size: connections, ...(await measurePair(pair, one, { ...options, connections })) });
      options.say(`${connections} connections: ${describe(rows)}`);
    }
    sweeps.push({ title: 'GET /users/1, cached', unit: 'connections', rows });
    const listed: SweepRow[] = [];
    for (const userCount of userCounts) {
      for (const { url } of pair) await createUsers(url, userCount);
      const path = '/users?limit=10&sort=name';
      listed.push({ size: userCount, ...(await measurePair(pair, { kind: 'get', path }, options)) });
      options.say(`${userCount} users: ${describe(listed)}`);
    }
    sweeps.push({ title: 'GET /users?limit=10&sort=name, cached', unit: 'users', rows: listed });
    const mixed: SweepRow[] = [];
    for (const userCount of userCounts.toReversed()) {
      mixed.unshift({ size: userCount, ...(await measurePair(pair, { kind: 'mixed', userCount }, options)) });
      options.say(`90 % reads, 10 % writes over ${userCount} users: ${describe([mixed[0] as SweepRow])}`);
    }
    sweeps.push({
      title: '90 % reads, 10 % writes over the first n of 100,000 users',
      unit: 'users',
      rows: mixed,
    });
  });
  return sweeps;
}

type Pair = [RunningServer, RunningServer];

async function withBothRunning(contenders: [Contender, Contender], work: (pair: Pair) => Promise<void>): Promise<void> {
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

/** Measures two servers in turn, several times, and takes the medians. */
async function measurePair(pair: Pair, requests: Requests, options: SweepOptions): Promise<Omit<SweepRow, 'size'>> {
  const { rounds, seconds, connections } = options;
  const noise = new NoiseMeter();
  const results: [Result, Result][] = [];
  for (let round = 0; round < rounds; round++) {
    const [first, second] = [await measureOne(pair[0]), await measureOne(pair[1])];
    results.push([first, second]);
  }
  return {
    ratio: median(results.map(([own, base]) => own.requestsPerSecond / base.requestsPerSecond)),
    p99Ratio: median(results.map(([own, base]) => own.p99 / base.p99)),
    cpu: median(results.map(([own]) => own.cpu)),
    referenceCpu: median(results.map(([, base]) => base.cpu)),
    noise: noise.read(),
  };

  async function measureOne({ url, pid }: RunningServer): Promise<Result> {
    await load({ url, requests, connections, seconds: 1 });
    const begun = cpuSeconds(pid);
    const result = await load({ url, requests, connections, seconds });
    if (result.errors > 0) throw new Error(`${result.errors} errors with ${JSON.stringify(requests)}`);
    return { ...result, cpu: ((cpuSeconds(pid) - begun) / result.requestCount) * 1e6 };
  }
}

type Result = LoadResult & { cpu: number };

function describe(rows: SweepRow[]): string {
  const last = rows.at(-1);
  return last
    ? `${last.ratio.toFixed(2)} of Fastify, ${last.cpu.toFixed(0)} µs of CPU time per request (${last.referenceCpu.toFixed(0)})`
    : '';
}
