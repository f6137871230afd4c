/**
 * The supervisor: starts the router processes of one host on shared ports, replaces a process that ends, and stops all of
 * them. It sees no request: node:cluster hands each connection to the next process, where the connection stays.
 */
import cluster from 'node:cluster';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { RouterProcessError } from '../process/exit-code.ts';
import { log } from '../process/log.ts';
import { scheduleAsBatch } from '../process/scheduling.ts';
import { onStopSignals } from '../process/signals.ts';
import { Router } from '../router.ts';
import { ClusterMetrics } from './cluster-metrics.ts';
import type { WorkerMessage } from './messages.ts';
import { WorkerSlot } from './worker-slot.ts';

/** How long after DRAIN_DELAY_MS and SHUTDOWN_TIMEOUT_MS a router process that has not ended is killed (ms). */
const killGraceMs = 5000;

interface Worker {
  slot: WorkerSlot;
  requestSnapshot(id: number): boolean;
}

/**
 * Runs the functions with `onStart`, then starts the router processes. Resolves when all of them serve.
 * @throws ConfigurationError when a setting or the build is wrong
 * @throws StartError when a function with `onStart` fails
 * @throws RouterProcessError when a router process could not start
 */
export async function supervise(config: Config): Promise<void> {
  // This router serves nothing. It checks the build for all router processes, and runs the functions with `onStart`.
  const router = new Router(config, { worker: { index: 0, count: config.processes } });
  cluster.setupPrimary({ exec: join(import.meta.dirname, 'main.mjs') });
  const workers = Array.from({ length: config.processes }, (_, index) => createWorker(index));
  const slots = workers.map(({ slot }) => slot);
  const metrics = new ClusterMetrics(() => router.snapshot(), workers);
  const listening = new Map<Worker, { port: number; functions: number }>();
  const started = Promise.withResolvers<void>();
  let stopping = false;

  onStopSignals(
    async () => {
      stopping = true;
      await router.stop();
      await Promise.all(slots.map((slot) => slot.stop(config.drainDelayMs + config.shutdownTimeoutMs + killGraceMs)));
    },
    {
      maxOutputWaitMs: config.shutdownTimeoutMs,
      abandon: () => {
        for (const slot of slots) slot.kill();
      },
    },
  );
  // This comes before anything that takes time, because without a listener SIGHUP ends the process.
  process.on('SIGHUP', () => {
    for (const slot of slots) slot.send({ type: 'reload' });
  });
  if (config.scheduling === 'batch') await scheduleAsBatch();
  await router.invokeOnStart();
  if (stopping) return;
  for (const slot of slots) slot.start();
  try {
    await started.promise;
  } catch (error) {
    await Promise.all(slots.map((slot) => slot.stop(0)));
    throw error;
  }
  if (stopping) return;
  const [first] = listening.values();
  log.info(`Listening at http://${config.host}:${first?.port}`, {
    functions: first?.functions,
    lambdaPort: config.lambdaPort ?? 0,
    statusPort: config.statusPort ?? 0,
    processes: config.processes,
  });

  function createWorker(index: number): Worker {
    const worker: Worker = {
      slot: new WorkerSlot({
        index,
        fork: () => cluster.fork({ ROUTER_PROCESS_INDEX: index }),
        onMessage: (message) => void receive(worker, message),
        onExit: () => metrics.exited(worker),
      }),
      requestSnapshot: (id) => worker.slot.send({ type: 'request-snapshot', id }),
    };
    return worker;
  }

  async function receive(worker: Worker, message: WorkerMessage): Promise<void> {
    switch (message.type) {
      case 'listening':
        listening.set(worker, message);
        if (listening.size === workers.length) started.resolve();
        return;
      case 'failed':
        // The first failure at the start ends the program. A later one is a restart, and the slot tries again.
        if (listening.size < workers.length) started.reject(new RouterProcessError(message.failure));
        else log.error('A router process could not start', { errorMessage: message.failure.message });
        return;
      case 'snapshot':
        metrics.receive(worker, message.id, message.snapshot);
        return;
      case 'request-cluster-snapshot':
        worker.slot.send({ type: 'cluster-snapshot', id: message.id, snapshot: await metrics.collect() });
        return;
    }
  }
}
