/** Measures the memory of a contender's processes as proportional set size, which counts a page that they share once. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builds, cadastro, scaledToZero } from './contenders/cadastro.ts';
import type { Contender, RunningServer } from './contenders/contender.ts';
import { floor } from './contenders/floor.ts';
import { fastify } from './contenders/reference.ts';
import { offlineInProcess, offlineWorkers } from './contenders/serverless-offline.ts';
import { load } from './load/load.ts';
import { memoryMegabytes } from './machine/processes.ts';
import { waitUntilNoFunctionRuns } from './startup.ts';
import { createUsers } from './users.ts';

/** Memory of one contender in MB. */
export interface Memory {
  contender: string;
  title: string;
  idle: number;
  /** The highest of samples taken while many connections read one user; undefined if not measured. */
  loaded: number | undefined;
}

/** How long and with how many connections memory is measured under load. */
export interface MemoryOptions {
  seconds: number;
  connections: number;
  /** Measures cadastro and the reference only. */
  quick: boolean;
}

const settleMs = 3000;
const sampleIntervalMs = 500;

/**
 * Measures the contenders one after the other, on a copy of the Node.js binary that no other program runs. Pages that a
 * contender shares with other programs would make it look smaller than it is.
 */
export async function measureMemory(options: MemoryOptions): Promise<Memory[]> {
  return withPrivateNode(async (node) => {
    const contenders = options.quick
      ? [cadastro, fastify]
      : [cadastro, fastify, floor, offlineInProcess, offlineWorkers];
    const measured: Memory[] = [];
    for (const contender of contenders) measured.push(await measure(contender, node, options));
    measured.push(await measureScaledToZero(node));
    return measured;
  });
}

/**
 * Runs some work with a copy of the Node.js binary and deletes the copy afterwards.
 * @param work gets the path of the copy
 */
export async function withPrivateNode<T>(work: (node: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(builds, 'node-'));
  const node = join(folder, 'node');
  copyFileSync(process.execPath, node);
  try {
    return await work(node);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(contender: Contender, node: string, options: MemoryOptions): Promise<Memory> {
  const running = await contender.start(node);
  try {
    if (contender.hasFullApi) await createUsers(running.url, 1);
    await sleep(settleMs);
    const idle = memoryMegabytes(running.pid);
    const seconds = Math.max(options.seconds, contender.warmUpSeconds ?? 0);
    const loaded = await peak(running, { connections: options.connections, seconds });
    return { contender: contender.name, title: contender.title, idle, loaded };
  } finally {
    await running.stop();
  }
}

async function peak(
  { url, pid }: RunningServer,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<number> {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, memoryMegabytes(pid));
  }, sampleIntervalMs);
  await load({ url, requests: { kind: 'get', path: '/users/1' }, connections, seconds });
  clearInterval(timer);
  return most;
}

async function measureScaledToZero(node: string): Promise<Memory> {
  const running = await scaledToZero.start(node);
  try {
    await waitUntilNoFunctionRuns(running.pid);
    await sleep(settleMs);
    const { name: contender, title } = scaledToZero;
    return { contender, title, idle: memoryMegabytes(running.pid), loaded: undefined };
  } finally {
    await running.stop();
  }
}
