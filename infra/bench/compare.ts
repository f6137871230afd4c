/**
 * Measures contenders side by side. Each workload runs in rounds, and each round measures every contender once. The order
 * rotates, so that a slow phase of the machine does not always hit the same contender.
 */
import { checkAnswers } from './answers.ts';
import type { Contender, RunningServer } from './contenders/contender.ts';
import { load } from './load/load.ts';
import { maxNoiseShare, NoiseMeter, waitForQuiet } from './machine/noise.ts';
import { cpuSeconds } from './machine/processes.ts';
import { createUsers } from './users.ts';
import type { Workload } from './workloads.ts';

/** How long and how often `compare` measures. */
export interface CompareOptions {
  rounds: number;
  /** Duration of each measurement. */
  seconds: number;
  connections: number;
  /** Seconds to wait before each measurement until other programs use little CPU; 0 does not wait. */
  quietTimeoutSeconds: number;
  /** Prints progress. */
  say(message: string): void;
}

/** One contender in one round of one workload. */
export interface Measurement {
  contender: string;
  round: number;
  requestsPerSecond: number;
  /** Latency in ms. */
  p50: number;
  p99: number;
  errors: number;
  /** CPU time per request in µs, of all processes of the contender, without Redis and the load generator. */
  cpu: number;
  /** Share of all cores that other programs used, 0 to 1. */
  noise: number;
}

/** All rounds of one workload. */
export interface Comparison {
  workload: Workload;
  measurements: Measurement[];
  /** Contenders that ended or hung under this load. Their earlier measurements do not count. */
  failedContenders: Contender[];
}

type Started = Map<Contender, RunningServer>;

/** Load before the first round. V8 optimizes a function fully after 3,000 calls, and the rarest request of the mix takes this long. */
const warmUpSeconds = 10;

/** How often a measurement is repeated if other programs disturbed it. */
const maxRepeats = 2;

/**
 * Measures workloads one after the other. Servers stay up between workloads that change no data.
 * @param chosen workloads in the order in which they run
 * @throws Error when cadastro or its reference gives a wrong answer or ends
 */
export async function compare(chosen: readonly Workload[], options: CompareOptions): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  let started: Started = new Map();
  let mustRestart = false;
  try {
    for (const workload of chosen) {
      if (mustRestart || !workload.contenders.every((contender) => started.has(contender))) {
        await stopAll(started);
        started = new Map();
        for (const contender of workload.contenders) {
          const running = await contender.start();
          started.set(contender, running);
          await checkAnswers(contender, running);
        }
      }
      for (const contender of workload.contenders) {
        const { url } = started.get(contender) as RunningServer;
        if (contender.hasFullApi) await createUsers(url, workload.userCount);
      }
      comparisons.push(await measureAll(workload, started, options));
      mustRestart = workload.changesData;
    }
  } finally {
    await stopAll(started);
  }
  return comparisons;
}

async function measureAll(workload: Workload, started: Started, options: CompareOptions): Promise<Comparison> {
  const { contenders, requests, title } = workload;
  const [own, reference] = contenders;
  const failedContenders: Contender[] = [];
  /** Runs one step of one contender. A failure excludes the contender, but cadastro and its reference must not fail. */
  const attempt = async (contender: Contender, step: (running: RunningServer) => Promise<void>) => {
    const running = started.get(contender);
    if (!running) return;
    try {
      await step(running);
    } catch (error) {
      if (contender === own || contender === reference) throw error;
      options.say(`${title}: ${contender.name} failed under this load: ${(error as Error).message}`);
      failedContenders.push(contender);
      started.delete(contender);
      await running.stop();
    }
  };
  options.say(`${title}: warming up`);
  for (const contender of contenders) {
    const seconds = Math.max(contender.warmUpSeconds ?? 0, options.seconds > 2 ? warmUpSeconds : 2);
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
  return { workload, measurements, failedContenders };
}

/** Measures once, repeats if other programs used the CPU, and returns the least disturbed measurement. */
async function measureQuietly(
  { requests }: Workload,
  contender: Contender,
  { url, pid }: RunningServer,
  { seconds, connections, quietTimeoutSeconds }: CompareOptions,
): Promise<Omit<Measurement, 'round'>> {
  let best: Omit<Measurement, 'round'> | undefined;
  for (let attempt = 0; attempt <= maxRepeats; attempt++) {
    if (quietTimeoutSeconds > 0) await waitForQuiet(quietTimeoutSeconds);
    // A second of load that does not count: the processor's caches still hold the data of another contender.
    await load({ url, requests, connections, seconds: 1 });
    const noise = new NoiseMeter();
    const cpu = cpuSeconds(pid);
    const result = await load({ url, requests, connections, seconds });
    const measurement = {
      contender: contender.name,
      requestsPerSecond: result.requestsPerSecond,
      p50: result.p50,
      p99: result.p99,
      errors: result.errors,
      cpu: ((cpuSeconds(pid) - cpu) / result.requestCount) * 1e6,
      noise: noise.read(),
    };
    if (!best || measurement.noise < best.noise) best = measurement;
    if (best.noise <= maxNoiseShare || quietTimeoutSeconds === 0) break;
  }
  return best as Omit<Measurement, 'round'>;
}

function summary({ contenders }: Workload, measurements: Measurement[], round: number): string {
  const own = measurements.filter((each) => each.round === round);
  const noisy = Math.max(...own.map(({ noise }) => noise));
  const figures = contenders.flatMap(({ name }) => {
    const found = own.find(({ contender }) => contender === name);
    if (!found) return [];
    return `${name} ${Math.round(found.requestsPerSecond)}/s${found.errors ? ` (${found.errors} errors)` : ''}`;
  });
  return `${figures.join(', ')}${noisy > maxNoiseShare ? `; other programs used up to ${Math.round(noisy * 100)} % of the machine` : ''}`;
}

async function stopAll(started: Started): Promise<void> {
  await Promise.all([...started.values()].map((running) => running.stop()));
}
