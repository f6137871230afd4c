/** Measures the cold start of a function and the start of the router. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cadastro, scaledToZero, warmFunctions } from './contenders/cadastro.ts';
import { functionPids } from './machine/processes.ts';
import { type Spread, spread } from './report/statistics.ts';
import { createUsers } from './users.ts';

/** Start times in ms. */
export interface Startup {
  /** Time from a request to a function without a process until its answer. */
  coldStart: Spread;
  /** Time from `node dist/router/main.mjs` until the first 200, when every function is warm. */
  firstAnswer: Spread;
}

/** Faster polling would use CPU time of the processes that are measured. */
const pollIntervalMs = 10;

/** Measures some cold starts of a function and some starts of the router. */
export async function measureStartup({ coldStarts = 20, starts = 5 } = {}): Promise<Startup> {
  return { coldStart: spread(await coldStartTimes(coldStarts)), firstAnswer: spread(await startTimes(starts)) };
}

/** Sends each request after the function's last process has ended, so that the request waits for a new one. */
async function coldStartTimes(count: number): Promise<number[]> {
  const running = await scaledToZero.start();
  try {
    await createUsers(running.url, 1);
    const times: number[] = [];
    while (times.length < count) {
      await waitUntilNoFunctionRuns(running.pid);
      const begun = performance.now();
      const answer = await fetch(`${running.url}/users/1`);
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`GET /users/1 answered ${answer.status}`);
      times.push(performance.now() - begun);
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

async function startTimes(count: number): Promise<number[]> {
  const times: number[] = [];
  const expected = warmFunctions();
  while (times.length < count) {
    let begun = 0;
    const running = await cadastro.start(process.execPath, {
      pollIntervalMs,
      onSpawn: () => {
        begun = performance.now();
      },
    });
    times.push(performance.now() - begun);
    const warm = functionPids(running.pid).length;
    await running.stop();
    if (warm !== expected) throw new Error(`the router answered while ${warm} of ${expected} functions were warm`);
  }
  return times;
}
