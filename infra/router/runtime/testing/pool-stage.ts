/** A pool before real processes whose part of the line the test plays, for tests of pools. */
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { parseFunction } from '../../manifest.ts';
import { FunctionMetrics } from '../function-metrics.ts';
import type { LaunchSpec } from '../function-process.ts';
import type { Invocation, InvocationOutcome, Settle } from '../invocation.ts';
import { Pool } from '../pool.ts';
import type { RuntimeClient, RuntimeClientEvents } from '../runtime-client.ts';
import type { WorkerIndex } from '../share.ts';

/** The line to one process: the test plays the process. */
export interface Process {
  events: RuntimeClientEvents;
  invoked: { invocation: Invocation; settle: Settle }[];
  prefetched: { invocation: Invocation; settle: Settle; giveBack: () => void }[];
  closed: boolean;
}

export interface Stage {
  pool: Pool;
  processes: Process[];
  /** @param client the key of the client */
  invoke(client?: string): Promise<InvocationOutcome>;
  /** Resolves when `count` processes have been started. */
  started(count: number): Promise<void>;
  /** Reads one of the pool's metrics. */
  count(metric: 'invocations' | 'coldStarts' | 'throttles'): Promise<number | undefined>;
}

interface StageOptions {
  configuration?: Record<string, unknown>;
  maxEnvironments?: number;
  worker?: WorkerIndex;
  idleTimeoutMs?: number;
  initTimeoutMs?: number;
  /** Shell script that each process runs; without one, the processes sleep. */
  script?: string;
  command?: string;
  /** Whether processes are ready as soon as they are started. */
  ready?: boolean;
  maxWaitMs?: number;
  othersShare?: number;
  /** Whether processes take events ahead. */
  prefetch?: boolean;
  /** Answers a ping; without it, processes answer at once. */
  ping?: RuntimeClient['ping'];
}

/** Makes a pool whose processes sleep. The test answers their invocations. */
export function stage(t: TestContext, options: StageOptions = {}): Stage {
  const processes: Process[] = [];
  const configuration = parseFunction({ name: 'f', ...options.configuration }, '/dist');
  const connect = (_socket: unknown, events: RuntimeClientEvents): RuntimeClient => {
    const own: Process = { events, invoked: [], prefetched: [], closed: false };
    processes.push(own);
    if (options.ready ?? true) queueMicrotask(() => events.ready());
    return {
      invoke: (invocation, _deadline, settle) => own.invoked.push({ invocation, settle }),
      ...(options.prefetch && {
        prefetch: (invocation: Invocation, _timeout: number, settle: Settle, giveBack: () => void) =>
          own.prefetched.push({ invocation, settle, giveBack }),
      }),
      ping: options.ping ?? (async () => ({ activeMs: 0, ended: 0, ranMs: 0 })),
      close() {
        own.closed = true;
      },
    };
  };
  const launch = (): LaunchSpec => ({
    command: options.command ?? 'sh',
    args: ['-c', options.script ?? 'exec sleep 60'],
    cwd: '/',
    env: { PATH: process.env.PATH },
    maxConcurrency: configuration.maxConcurrency,
    connect,
  });
  const metrics = new FunctionMetrics();
  const pool = new Pool(configuration, {
    launch,
    initTimeoutMs: options.initTimeoutMs ?? 5000,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
    maxEnvironments: options.maxEnvironments ?? 16,
    ...(options.maxWaitMs !== undefined && { maxWaitMs: options.maxWaitMs }),
    ...(options.othersShare !== undefined && { othersShare: options.othersShare }),
    ...(options.worker && { worker: options.worker }),
    metrics,
    writeLog() {},
  });
  t.after(() => pool.stop(0));
  let ids = 0;
  return {
    pool,
    processes,
    invoke: (client) => pool.invoke({ requestId: String(++ids), event: {}, ...(client && { client }) }),
    count: async (metric) => (await metrics[metric].get()).values[0]?.value,
    async started(count) {
      while (processes.length < count) await wait(1);
    },
  };
}

/** @returns the outcome of an invocation that succeeds */
export function payload(): InvocationOutcome {
  return { type: 'payload', payload: Buffer.from('1') };
}

/** @returns why an invocation failed, or else the type of its outcome */
export function reasonOf(outcome: InvocationOutcome): string {
  return outcome.type === 'failure' ? outcome.reason : outcome.type;
}

/** Resolves with the invocations that a process has got, as soon as there are `count` of them. */
export async function inFlight(process: Process, count: number): Promise<Process['invoked']> {
  while (process.invoked.length < count) await wait(1);
  return process.invoked;
}
