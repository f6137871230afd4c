/** Measures servers at a load that they can bear, at five times this load, and after it. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../tests/support/ports.ts';
import { burning } from './contenders/cadastro.ts';
import { type Contender, start, startProgram } from './contenders/contender.ts';
import { type OpenLoopResult, openLoop } from './load/open-loop.ts';
import { memoryMegabytes } from './machine/processes.ts';
import { withPrivateNode } from './memory.ts';

/** One phase of one contender. */
export interface OverloadPhase extends OpenLoopResult {
  contender: string;
  phase: 'normal' | 'five times' | 'after';
  /** Requests a second that were sent. */
  rate: number;
  /** Memory of the contender's processes at the end of the phase (MB). */
  memory: number;
}

/** Share of the capacity of one thread that counts as normal load. */
const normalShare = 0.8;
const overloadFactor = 5;
/** How long after the overload everything has to be normal again (ms). */
const recoveryMs = 1000;
/** Requests one after the other, to find the capacity. */
const probes = 50;

const underPressure: Contender = {
  name: 'under-pressure',
  title: 'Fastify, @fastify/under-pressure',
  hasFullApi: false,
  start: (node = process.execPath) =>
    start('under-pressure', { redis: false }, async ({ log }) => {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const args = [join(import.meta.dirname, 'servers/fastify-overload.mjs')];
      return {
        url,
        program: await startProgram({ command: node, args, env: { PORT: String(port) }, log }, `${url}/burn`),
      };
    }),
};

/** Runs the phases of each contender one after the other. */
export async function measureOverload(options: {
  seconds: number;
  say(message: string): void;
}): Promise<OverloadPhase[]> {
  return withPrivateNode(async (node) => {
    const measured: OverloadPhase[] = [];
    for (const contender of [burning, underPressure]) {
      options.say(`${contender.title}: overload`);
      measured.push(...(await measure(contender, node, Math.max(10, options.seconds))));
    }
    return measured;
  });
}

async function measure({ title, start: run }: Contender, node: string, seconds: number): Promise<OverloadPhase[]> {
  const running = await run(node);
  const url = `${running.url}/burn`;
  try {
    const begun = performance.now();
    for (let probe = 0; probe < probes; probe++) await (await fetch(url)).text();
    const normal = (normalShare * probes * 1000) / (performance.now() - begun);
    const phases: OverloadPhase[] = [];
    for (const phase of ['normal', 'five times', 'after'] as const) {
      const rate = phase === 'five times' ? overloadFactor * normal : normal;
      if (phase === 'after') await sleep(recoveryMs);
      const result = await openLoop(url, rate, seconds);
      phases.push({ contender: title, phase, rate, memory: memoryMegabytes(running.pid), ...result });
    }
    return phases;
  } finally {
    await running.stop();
  }
}
