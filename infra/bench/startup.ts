/** How long things take to be there: a function's cold start, and the router with every function warm. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cadastro, functionNames, scaledToZero } from './contenders/cadastro.ts';
import { pidsOf } from './machine/processes.ts';
import { type Spread, spread } from './report/statistics.ts';
import { fill } from './users.ts';

export interface Startup {
  /** Milliseconds from a request to a function without any process to its answer. */
  coldStart: Spread;
  /** Milliseconds from `node dist/router/main.mjs` to the first 200, with every function warm by then. */
  firstAnswer: Spread;
}

/** Milliseconds. Asking more often would take a part of the processor that is measured. */
const pollEvery = 10;

export async function measureStartup({ coldStarts = 20, starts = 5 } = {}): Promise<Startup> {
  return { coldStart: spread(await coldStartTimes(coldStarts)), firstAnswer: spread(await startTimes(starts)) };
}

/** Each request finds the function's last process ended, so that it waits for a new one. */
async function coldStartTimes(count: number): Promise<number[]> {
  const running = await scaledToZero.start();
  try {
    await fill(running.url, 1);
    const times: number[] = [];
    while (times.length < count) {
      await alone(running.pid);
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

/** Waits until the router has no function process. */
export async function alone(pid: number): Promise<void> {
  while (pidsOf(pid).length > 1) await sleep(20);
  await sleep(100);
}

async function startTimes(count: number): Promise<number[]> {
  const times: number[] = [];
  const routed = functionNames().length - 1;
  while (times.length < count) {
    let begun = 0;
    const running = await cadastro.start(process.execPath, {
      interval: pollEvery,
      onSpawn: () => {
        begun = performance.now();
      },
    });
    times.push(performance.now() - begun);
    const warm = pidsOf(running.pid).length - 1;
    await running.stop();
    if (warm !== routed) throw new Error(`the router answered with ${warm} of ${routed} functions warm`);
  }
  return times;
}
