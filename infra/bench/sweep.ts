/** Measures how cost grows with the connections, the size of a body and the number of users; all servers in turn. */
import { cadastro, echo, otherBuild } from './contenders/cadastro.ts';
import type { Contender, RunningServer } from './contenders/contender.ts';
import { bun, bunFull, fastify, fastifyFull, hasBun, hono, honoFull, leastHost } from './contenders/reference.ts';
import { type Load, type LoadResult, load, type Requests } from './load/load.ts';
import { NoiseMeter } from './machine/noise.ts';
import { cpuSeconds } from './machine/processes.ts';
import { median, type Spread, spread } from './report/statistics.ts';
import { createUsers } from './users.ts';

/** One contender at one size. The ratios are to the reference at the same size, in the same round. */
export interface SweepFigures {
  contender: string;
  ratio: Spread;
  p99Ratio: number;
  cpuRatio: number;
  /** CPU time per request in µs. */
  cpu: number;
}

/** One size. */
export interface SweepRow {
  size: number;
  /** In the order of the sweep's contenders. */
  figures: SweepFigures[];
  /** The least ratio of cadastro's requests per second to those of the reference, and to those of Hono. */
  target: number | undefined;
  honoTarget: number | undefined;
  /** Share of all cores that other programs used, 0 to 1. */
  noise: number;
}

/** All sizes of one kind of request. */
export interface Sweep {
  name: string;
  title: string;
  unit: string;
  /** Titles by name: cadastro, the reference, and others. */
  contenders: Record<string, string>;
  rows: SweepRow[];
}

/** How long and how often each size is measured. */
export interface SweepOptions {
  rounds: number;
  seconds: number;
  connections: number;
  /** Folder of another build, which is measured as well. */
  against: string | undefined;
  say(message: string): void;
}

type Targets = Readonly<Record<number, number>>;

interface Plan {
  name: string;
  title: string;
  unit: string;
  sizes: readonly number[];
  /** cadastro, the reference, and others. */
  contenders: readonly Contender[];
  requests(size: number): Requests;
  /** @returns the connections for a size, if it is not the option's number */
  connections?(size: number): number;
  /** @returns how many users the servers have */
  userCount?(size: number): number;
  /** Whether each measurement begins with a start, and includes the time in which the code is compiled. */
  startsAnew?: boolean;
  /** The least ratio to the reference for a size, and to Hono. */
  targets?: Targets;
  honoTargets?: Targets;
}

/** The load right after a start (s). */
const firstSeconds = 3;

const others = hasBun ? [hono, bun] : [hono];
const othersFull = hasBun ? [honoFull, bunFull] : [honoFull];
const all = [cadastro, fastify, ...others];
const byConnections = { unit: 'connections', connections: (size: number) => size, userCount: () => 100 };
/** Many large bodies of one client would wait longer than MAX_WAIT_MS, or exceed its share of REQUEST_MEMORY_BYTES. */
const bytes = {
  unit: 'bytes',
  sizes: [1000, 10_000, 100_000, 1_000_000],
  connections: (size: number) => (size < 1_000_000 ? 32 : 4),
};
const userCounts = [10, 100, 1000, 10_000, 100_000];

const plans: readonly Plan[] = [
  {
    ...{ name: 'get-user', title: 'GET /users/1, cached', ...byConnections },
    contenders: [...all, leastHost],
    sizes: [1, 4, 16, 32, 64, 256],
    requests: () => ({ kind: 'get', path: '/users/1' }),
    targets: { 1: 0.8, 4: 0.8, 16: 0.9, 32: 1.05, 64: 1.15, 256: 1.15 },
    honoTargets: { 32: 0.85, 64: 0.85 },
  },
  {
    ...{ name: 'first-seconds', title: 'GET /users/1, cached, in the first 3 s', ...byConnections, contenders: all },
    sizes: [32],
    requests: () => ({ kind: 'get', path: '/users/1' }),
    startsAnew: true,
    targets: { 32: 0.9 },
  },
  {
    ...{ name: 'list-users', title: 'GET /users, 100 users, cached', ...byConnections, contenders: all },
    sizes: [1, 4, 16, 32, 64, 256],
    requests: () => ({ kind: 'get', path: '/users' }),
    targets: { 1: 0.8, 4: 0.8, 16: 0.9, 32: 1, 64: 1.1, 256: 1.1 },
    honoTargets: { 32: 0.85, 64: 0.85 },
  },
  {
    ...{ name: 'health', title: 'GET /health', ...byConnections, contenders: all },
    sizes: [32, 64, 256],
    requests: () => ({ kind: 'get', path: '/health' }),
    targets: { 32: 1.1, 64: 1.1, 256: 1.1 },
    honoTargets: { 32: 0.9, 64: 0.9 },
  },
  {
    ...{ name: 'create-user', title: 'POST /users, synchronous=FULL for all', ...byConnections },
    contenders: [cadastro, fastifyFull, ...othersFull],
    sizes: [1, 8, 64],
    requests: () => ({ kind: 'create' }),
    targets: { 1: 0.8, 8: 1.2, 64: 2.5 },
  },
  {
    ...{ name: 'answer-size', title: 'GET /text, a constant body', ...bytes },
    contenders: [echo, fastify, ...others],
    requests: (size) => ({ kind: 'get', path: `/text?bytes=${size}` }),
    targets: { 10000: 0.9, 100000: 0.8, 1000000: 0.8 },
  },
  {
    ...{ name: 'body-size', title: 'POST /size, a posted text', ...bytes },
    contenders: [echo, fastify, ...others],
    requests: (size) => ({ kind: 'size', bytes: size }),
    targets: { 100000: 0.8, 1000000: 0.8 },
  },
  {
    ...{ name: 'list-by-users', title: 'GET /users?limit=10&sort=name, cached', unit: 'users', sizes: userCounts },
    contenders: [cadastro, fastify],
    requests: () => ({ kind: 'get', path: '/users?limit=10&sort=name' }),
    userCount: (size) => size,
  },
  {
    ...{ name: 'mixed', title: '90 % reads, 10 % writes, all synchronous=FULL', unit: 'users' },
    contenders: [cadastro, fastifyFull, ...othersFull],
    sizes: [100, 10_000],
    requests: (userCount) => ({ kind: 'mixed', userCount }),
    userCount: (size) => size,
    targets: { 10000: 1.1 },
  },
];

/** The names of all sweeps. */
export const sweepNames: readonly string[] = plans.map(({ name }) => name);

/**
 * Measures every size of the chosen sweeps. One that fails is left out, and the process ends with exit code 1: the others took long.
 * @param only names of sweeps; empty for all
 */
export async function sweep(only: readonly string[], options: SweepOptions): Promise<Sweep[]> {
  const sweeps: Sweep[] = [];
  for (const plan of plans.filter(({ name }) => only.length === 0 || only.includes(name))) {
    const isApplication = plan.contenders[0] === cadastro;
    const other = options.against && isApplication ? [otherBuild(options.against)] : [];
    try {
      sweeps.push(await measurePlan({ ...plan, contenders: [...plan.contenders, ...other] }, options));
    } catch (error) {
      options.say(`${plan.title} is left out: ${(error as Error).message}`);
      process.exitCode = 1;
    }
  }
  return sweeps;
}

async function measurePlan(plan: Plan, options: SweepOptions): Promise<Sweep> {
  const { name, title, unit, contenders } = plan;
  const running = new Map<Contender, RunningServer>();
  try {
    if (!plan.startsAnew) for (const contender of contenders) running.set(contender, await contender.start());
    const rows: SweepRow[] = [];
    for (const size of plan.sizes) {
      const requests = plan.requests(size);
      const users = plan.userCount?.(size);
      const settings = {
        requests,
        connections: plan.connections?.(size) ?? options.connections,
        seconds: options.seconds,
      };
      const measureNew = async (contender: Contender) => {
        const server = await contender.start();
        await prepare(contender, server, users);
        return measure(server, { ...settings, seconds: firstSeconds }).finally(() => server.stop());
      };
      const measureWarm = async (contender: Contender) => {
        const server = running.get(contender) as RunningServer;
        // A second of load that does not count: the processor's caches still hold the data of another server.
        await load({ ...settings, url: server.url, seconds: 1 });
        return measure(server, settings);
      };
      for (const [contender, server] of running) {
        await prepare(contender, server, users);
        await load({ ...settings, url: server.url });
      }
      const measured = await measureInTurn(contenders, options.rounds, plan.startsAnew ? measureNew : measureWarm);
      const row = { size, target: plan.targets?.[size], honoTarget: plan.honoTargets?.[size], ...measured };
      rows.push(row);
      options.say(`${title}, ${size} ${unit}: ${describe(row)}`);
    }
    const titles = Object.fromEntries(contenders.map((each) => [each.name, each.title]));
    return { name, title, unit, contenders: titles, rows };
  } finally {
    await Promise.all([...running.values()].map((server) => server.stop()));
  }
}

async function prepare({ hasFullApi }: Contender, { url }: RunningServer, users: number | undefined): Promise<void> {
  if (hasFullApi && users !== undefined) await createUsers(url, users);
}

/** @throws Error when a server answers with an error, since its figures would mean nothing */
async function measure({ url, pid }: RunningServer, settings: Omit<Load, 'url'>): Promise<Result> {
  const begun = cpuSeconds(pid);
  const result = await load({ ...settings, url });
  if (result.errors > 0) throw new Error(`${result.errors} errors of ${url} with ${JSON.stringify(settings.requests)}`);
  return { ...result, cpu: ((cpuSeconds(pid) - begun) / result.requestCount) * 1e6 };
}

/** Measures the servers in turn, several times; each round begins with another one. */
async function measureInTurn(
  contenders: readonly Contender[],
  rounds: number,
  measureOne: (contender: Contender) => Promise<Result>,
): Promise<Pick<SweepRow, 'figures' | 'noise'>> {
  const noise = new NoiseMeter();
  const results = contenders.map((): Result[] => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const index = (turn + round) % contenders.length;
      results[index]?.push(await measureOne(contenders[index] as Contender));
    }
  }
  const reference = results[1] as Result[];
  const ratios = (own: Result[], read: (result: Result) => number) =>
    own.map((result, round) => read(result) / read(reference[round] as Result));
  const figures = contenders.map(({ name }, index): SweepFigures => {
    const own = results[index] as Result[];
    return {
      contender: name,
      ratio: spread(ratios(own, ({ requestsPerSecond }) => requestsPerSecond)),
      p99Ratio: median(ratios(own, ({ p99 }) => p99)),
      cpuRatio: median(ratios(own, ({ cpu }) => cpu)),
      cpu: median(own.map(({ cpu }) => cpu)),
    };
  });
  return { figures, noise: noise.read() };
}

type Result = LoadResult & { cpu: number };

function describe({ figures }: SweepRow): string {
  return figures
    .map(({ contender, ratio, cpu }) => `${contender} ${ratio.median.toFixed(2)} (${cpu.toFixed(0)} µs)`)
    .join(', ');
}
