/** Contenders side by side: each workload in rounds, every contender once a round, in an order that rotates. */
import { checkAnswers } from './answers.ts';
import type { Contender, Running } from './contenders/contender.ts';
import { load } from './load/load.ts';
import { NoiseMeter, noiseLimit, quiet } from './machine/noise.ts';
import { cpuSeconds } from './machine/processes.ts';
import { fill } from './users.ts';
import type { Workload } from './workloads.ts';

export interface CompareOptions {
  rounds: number;
  /** Of each measurement. */
  seconds: number;
  connections: number;
  /** Seconds to wait for others to leave the machine alone, before each measurement. */
  patience: number;
  say(message: string): void;
}

export interface Measurement {
  contender: string;
  round: number;
  perSecond: number;
  p50: number;
  p99: number;
  errors: number;
  /** Microseconds of CPU a request, of all the contender's processes; Redis and the load generator are not among them. */
  cpu: number;
  /** Share of all cores that others used. */
  noise: number;
}

export interface Comparison {
  workload: Workload;
  measurements: Measurement[];
  /** Those that ended or hung under this load; what was measured before that counts for nothing. */
  broken: Contender[];
}

type Started = Map<Contender, Running>;

/** Seconds of load before the first round. V8 optimizes a function in full after 3,000 calls; the mix's rarest take that long. */
const warmUp = 10;

/** How often a measurement with noise in it is repeated. */
const repeats = 2;

/** @param named which workloads, in the order given */
export async function compare(named: readonly Workload[], options: CompareOptions): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  let started: Started = new Map();
  let dirty = false;
  try {
    for (const workload of named) {
      if (dirty || !workload.contenders.every((contender) => started.has(contender))) {
        await stopAll(started);
        started = new Map();
        for (const contender of workload.contenders) {
          const running = await contender.start();
          started.set(contender, running);
          await checkAnswers(contender, running);
        }
      }
      for (const contender of workload.contenders) {
        const { url } = started.get(contender) as Running;
        if (contender.complete) await fill(url, workload.users);
      }
      comparisons.push(await measureAll(workload, started, options));
      dirty = workload.writes;
    }
  } finally {
    await stopAll(started);
  }
  return comparisons;
}

async function measureAll(workload: Workload, started: Started, options: CompareOptions): Promise<Comparison> {
  const { contenders, requests, title } = workload;
  const [own, reference] = contenders;
  const broken: Contender[] = [];
  /** Runs one contender's part. The others go on without one that does not stand it, but not without the first two. */
  const attempt = async (contender: Contender, part: (running: Running) => Promise<void>) => {
    const running = started.get(contender);
    if (!running) return;
    try {
      await part(running);
    } catch (error) {
      if (contender === own || contender === reference) throw error;
      options.say(`${title}: ${contender.name} broke down: ${(error as Error).message}`);
      broken.push(contender);
      started.delete(contender);
      await running.stop();
    }
  };
  options.say(`${title}: warming up`);
  for (const contender of contenders) {
    const seconds = Math.max(contender.warmUp ?? 0, options.seconds > 2 ? warmUp : 2);
    await attempt(contender, async ({ url }) => {
      await load({ url, requests, connections: options.connections, seconds });
    });
  }
  const measurements: Measurement[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const turn = contenders.map((_, index) => contenders[(index + round) % contenders.length] as Contender);
    for (const contender of turn) {
      await attempt(contender, async (running) => {
        measurements.push({ ...(await measureQuietly(workload, contender, running, options)), round });
      });
    }
    options.say(`${title}, round ${round + 1} of ${options.rounds}: ${summary(workload, measurements, round)}`);
  }
  return { workload, measurements, broken };
}

/** The quietest of a few tries. */
async function measureQuietly(
  { requests }: Workload,
  contender: Contender,
  { url, pid }: Running,
  { seconds, connections, patience }: CompareOptions,
): Promise<Omit<Measurement, 'round'>> {
  let best: Omit<Measurement, 'round'> | undefined;
  for (let attempt = 0; attempt <= repeats; attempt++) {
    if (patience > 0) await quiet(patience);
    // A moment of load that does not count: the caches of the processor are another contender's.
    await load({ url, requests, connections, seconds: 1 });
    const noise = new NoiseMeter();
    const cpu = cpuSeconds(pid);
    const result = await load({ url, requests, connections, seconds });
    const measurement = {
      contender: contender.name,
      perSecond: result.perSecond,
      p50: result.p50,
      p99: result.p99,
      errors: result.errors,
      cpu: ((cpuSeconds(pid) - cpu) / result.requests) * 1e6,
      noise: noise.read(),
    };
    if (!best || measurement.noise < best.noise) best = measurement;
    if (best.noise <= noiseLimit || patience === 0) break;
  }
  return best as Omit<Measurement, 'round'>;
}

function summary({ contenders }: Workload, measurements: Measurement[], round: number): string {
  const own = measurements.filter((each) => each.round === round);
  const noisy = Math.max(...own.map(({ noise }) => noise));
  const figures = contenders.flatMap(({ name }) => {
    const found = own.find(({ contender }) => contender === name);
    if (!found) return [];
    return `${name} ${Math.round(found.perSecond)}/s${found.errors ? ` (${found.errors} errors)` : ''}`;
  });
  return `${figures.join(', ')}${noisy > noiseLimit ? `; others used up to ${Math.round(noisy * 100)} % of the machine` : ''}`;
}

async function stopAll(started: Started): Promise<void> {
  await Promise.all([...started.values()].map((running) => running.stop()));
}
