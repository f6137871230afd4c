/** Memory of a contender's processes together: proportional set size, so that pages which they share count once. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builds, cadastro, scaledToZero } from './contenders/cadastro.ts';
import type { Contender, Running } from './contenders/contender.ts';
import { fastify } from './contenders/fastify.ts';
import { floor } from './contenders/floor.ts';
import { offlineInProcess, offlineWorkers } from './contenders/serverless-offline.ts';
import { load } from './load/load.ts';
import { memoryMegabytes } from './machine/processes.ts';
import { alone } from './startup.ts';
import { fill } from './users.ts';

export interface Memory {
  contender: string;
  title: string;
  /** Megabytes. */
  idle: number;
  /** At most, in samples taken while 64 connections ask for one user. */
  loaded: number | undefined;
}

export interface MemoryOptions {
  seconds: number;
  connections: number;
  /** Only cadastro and the baseline. */
  quick: boolean;
}

const settle = 3000;

/**
 * Every contender by itself, one after the other, on a copy of the Node.js binary that nobody else runs: pages shared
 * with other people's processes would make it look smaller than it is.
 */
export async function measureMemory(options: MemoryOptions): Promise<Memory[]> {
  return withOwnNode(async (node) => {
    const contenders = options.quick
      ? [cadastro, fastify]
      : [cadastro, fastify, floor, offlineInProcess, offlineWorkers];
    const measured: Memory[] = [];
    for (const contender of contenders) measured.push(await measure(contender, node, options));
    measured.push(await measureZero(node));
    return measured;
  });
}

/** @param work gets the path of a Node.js that only its processes run */
export async function withOwnNode<T>(work: (node: string) => Promise<T>): Promise<T> {
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
    if (contender.complete) await fill(running.url, 1);
    await sleep(settle);
    const idle = memoryMegabytes(running.pid);
    const seconds = Math.max(options.seconds, contender.warmUp ?? 0);
    const loaded = await peak(running, { connections: options.connections, seconds });
    return { contender: contender.name, title: contender.title, idle, loaded };
  } finally {
    await running.stop();
  }
}

async function peak(
  { url, pid }: Running,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<number> {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, memoryMegabytes(pid));
  }, 500);
  await load({ url, requests: { kind: 'get', path: '/users/1' }, connections, seconds });
  clearInterval(timer);
  return most;
}

async function measureZero(node: string): Promise<Memory> {
  const running = await scaledToZero.start(node);
  try {
    await alone(running.pid);
    await sleep(settle);
    const { name: contender, title } = scaledToZero;
    return { contender, title, idle: memoryMegabytes(running.pid), loaded: undefined };
  } finally {
    await running.stop();
  }
}
