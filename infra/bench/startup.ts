/** Measures the cold start of a function and the start of the router, in times of `node -e 0`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cadastro, scaledToZero, warmFunctions } from './contenders/cadastro.ts';
import { type Contender, startTimed } from './contenders/contender.ts';
import { fastify } from './contenders/reference.ts';
import { nodeStartMs } from './machine/node-start.ts';
import { functionPids } from './machine/processes.ts';
import { type Spread, spread } from './report/statistics.ts';
import { createUsers } from './users.ts';

/** The times of one kind of start. */
export interface StartTimes {
  ms: Spread;
  /** The same in times of the `node -e 0` that ran right before each. */
  nodeStarts: Spread;
}

export interface Startup {
  /** From a request to a function without a process until its answer. */
  coldStart: StartTimes;
  /** From `node dist/router/main.mjs` until the first 200, when every function is warm. */
  firstAnswer: StartTimes;
  /** The same for Fastify. */
  fastify: StartTimes;
}

/** Faster polling would use CPU time of the processes that are measured. */
const pollIntervalMs = 10;

/** Measures some cold starts of a function and some starts of the router. */
export async function measureStartup({ coldStarts = 20, starts = 5 } = {}): Promise<Startup> {
  const coldStart = timesOf(await coldStartTimes(coldStarts));
  const own: Start[] = [];
  const reference: Start[] = [];
  while (own.length < starts) {
    own.push(await startOf(cadastro, warmFunctions()));
    reference.push(await startOf(fastify, 0));
  }
  return { coldStart, firstAnswer: timesOf(own), fastify: timesOf(reference) };
}

interface Start {
  ms: number;
  nodeMs: number;
}

function timesOf(starts: readonly Start[]): StartTimes {
  return { ms: spread(starts.map(({ ms }) => ms)), nodeStarts: spread(starts.map(({ ms, nodeMs }) => ms / nodeMs)) };
}

/** Sends each request after the function's last process has ended, so that the request waits for a new one. */
async function coldStartTimes(count: number): Promise<Start[]> {
  const running = await scaledToZero.start();
  try {
    await createUsers(running.url, 1);
    const times: Start[] = [];
    while (times.length < count) {
      await waitUntilNoFunctionRuns(running.pid);
      const nodeMs = await nodeStartMs();
      const begun = performance.now();
      const answer = await fetch(`${running.url}/users/1`);
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`GET /users/1 answered ${answer.status}`);
      times.push({ ms: performance.now() - begun, nodeMs });
    }
    return times;
  } finally {
    await running.stop();
  }
}

/** Waits until a router has no function process. */
export async function waitUntilNoFunctionRuns(pid: number): Promise<void> {
  while (functionPids(pid).length > 0) await sleep(20);
  await sleep(100);
}

/** @param warm how many functions have a process when the server answers */
async function startOf(contender: Contender, warm: number): Promise<Start> {
  const nodeMs = await nodeStartMs();
  const { running, ms } = await startTimed(contender, pollIntervalMs);
  const found = functionPids(running.pid).length;
  await running.stop();
  if (found !== warm) throw new Error(`the router answered while ${found} of ${warm} functions were warm`);
  return { ms, nodeMs };
}
