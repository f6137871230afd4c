/** Measures what a developer feels who hosts a project: the start, a save, requests, and an authorizer whose answer is kept. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningServer, startTimed } from './contenders/contender.ts';
import { cadastroHost, installHost, offlineHost, type ProjectHost } from './contenders/hosts.ts';
import { load } from './load/load.ts';
import { nodeStartMs } from './machine/node-start.ts';
import { waitForQuiet } from './machine/noise.ts';
import { cpuSeconds } from './machine/processes.ts';
import { type Spread, spread } from './report/statistics.ts';

/** The figures of cadastro-host, one value for each round. */
export interface Hosting {
  /** Start of the command to the first 200, as ratio to serverless-offline. */
  start: Spread;
  /** From a save to the first new answer, as ratio to `node -e 0`. */
  save: Spread;
  /** Requests per second of a function that returns a constant, as ratio to serverless-offline in its own process. */
  throughput: Spread;
  /** CPU per request of a guarded route beyond that of an open one (µs). */
  authorizer: Spread;
}

/** How long and how often `measureHosting` measures. */
export interface HostingOptions {
  rounds: number;
  seconds: number;
  connections: number;
  quietTimeoutSeconds: number;
  say(message: string): void;
}

/** Faster polling would use CPU time of the processes that are measured. */
const pollIntervalMs = 5;
const savePauseMs = 300;
/** Load before the first round: V8 optimizes a function fully after 3,000 calls. */
const warmUpSeconds = 10;

/** Measures cadastro-host and serverless-offline in turn. */
export async function measureHosting(options: HostingOptions): Promise<Hosting> {
  options.say('Packing and installing cadastro-host …');
  const own = cadastroHost(await installHost());
  const other = offlineHost();
  const starts: number[] = [];
  for (let round = 0; round < options.rounds; round++) {
    await waitForQuiet(options.quietTimeoutSeconds);
    const [ownMs, otherMs] = [await startMs(own), await startMs(other)];
    options.say(`Start to the first 200: ${own.name} ${ownMs.toFixed(0)} ms, ${other.name} ${otherMs.toFixed(0)} ms`);
    starts.push(ownMs / otherMs);
  }
  const [ownServer, otherServer] = await Promise.all([own.start(), other.start()]);
  try {
    const saves = await saveRatios(own, ownServer, options);
    const { throughputs, authorizers } = await measureLoad(ownServer, otherServer, options);
    return {
      start: spread(starts),
      save: spread(saves),
      throughput: spread(throughputs),
      authorizer: spread(authorizers),
    };
  } finally {
    await Promise.all([ownServer.stop(), otherServer.stop()]);
  }
}

async function startMs(host: ProjectHost): Promise<number> {
  const { running, ms } = await startTimed(host, pollIntervalMs);
  await running.stop();
  return ms;
}

async function saveRatios(
  { project }: ProjectHost,
  { url }: RunningServer,
  options: HostingOptions,
): Promise<number[]> {
  const ratios: number[] = [];
  for (let round = 0; round < options.rounds; round++) {
    await waitForQuiet(options.quietTimeoutSeconds);
    await sleep(savePauseMs);
    const nodeMs = await nodeStartMs();

    const word = `saved${round}`;
    const saved = performance.now();
    writeFileSync(join(project, 'src/greeting.ts'), `export const greeting: string = '${word}';\n`);
    while ((await (await fetch(`${url}/hello`)).text()) !== word) await sleep(pollIntervalMs);
    const saveMs = performance.now() - saved;
    options.say(`Save to the new answer: ${saveMs.toFixed(0)} ms, node -e 0 ${nodeMs.toFixed(0)} ms`);
    ratios.push(saveMs / nodeMs);
  }
  return ratios;
}

interface Measured {
  /** Requests per second. */
  rate: number;
  /** CPU time per request of all processes of the server (µs). */
  cpu: number;
}

async function measureLoad(
  own: RunningServer,
  other: RunningServer,
  { rounds, seconds, connections, quietTimeoutSeconds, say }: HostingOptions,
): Promise<{ throughputs: number[]; authorizers: number[] }> {
  const measure = async ({ url, pid }: RunningServer, path: string, duration = seconds): Promise<Measured> => {
    const cpu = cpuSeconds(pid);
    const result = await load({ url, requests: { kind: 'get', path }, connections, seconds: duration });
    if (result.errors > 0) throw new Error(`${url}${path}: ${result.errors} errors under load`);
    return { rate: result.requestsPerSecond, cpu: ((cpuSeconds(pid) - cpu) / result.requestCount) * 1e6 };
  };
  // Both routes get the same query, so that they differ in the authorizer alone.
  const [plain, guarded] = ['/hello?token=open', '/guarded?token=open'];
  const subjects = [
    { server: own, path: plain },
    { server: own, path: guarded },
    { server: other, path: plain },
  ];
  for (const { server, path } of subjects) await measure(server, path, warmUpSeconds);
  const throughputs: number[] = [];
  const authorizers: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await waitForQuiet(quietTimeoutSeconds);
    const measured: Measured[] = [];
    for (let turn = 0; turn < subjects.length; turn++) {
      const index = (turn + round) % subjects.length;
      const { server, path } = subjects[index] as (typeof subjects)[number];
      // A second of load that does not count: the processor's caches hold the data of another server, or of none after a pause.
      await measure(server, path, 1);
      measured[index] = await measure(server, path);
    }
    const [open, kept, offline] = measured as [Measured, Measured, Measured];
    say(
      `Requests per second: ${open.rate.toFixed(0)} open, ${kept.rate.toFixed(0)} guarded, ` +
        `${offline.rate.toFixed(0)} serverless-offline; CPU ${open.cpu.toFixed(1)} and ${kept.cpu.toFixed(1)} µs`,
    );
    throughputs.push(open.rate / offline.rate);
    authorizers.push(kept.cpu - open.cpu);
  }
  return { throughputs, authorizers };
}
