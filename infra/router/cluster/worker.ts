/** One of several router processes: a whole router, which the supervisor starts, asks and ends. */
import type { Worker } from 'node:cluster';
import { exitAfterOutput } from '../../wire/stdout.ts';
import type { Config } from '../config.ts';
import { failureOf } from '../process/exit-code.ts';
import { log } from '../process/log.ts';
import { Router } from '../router.ts';
import { shareConfig } from '../runtime/share.ts';
import type { RouterSnapshot } from '../status/snapshot.ts';
import type { SupervisorMessage, WorkerMessage } from './messages.ts';
import { PendingRequests } from './pending-requests.ts';

/** How long the supervisor may take to ask all processes (ms). It waits half as long for each of them. */
const clusterSnapshotTimeoutMs = 10_000;

/** Serves until the supervisor ends this process or is gone. Tells the supervisor why, when it can't serve. */
export async function runRouterProcess(config: Config, worker: Worker): Promise<void> {
  // A terminal sends SIGINT and SIGHUP to every process of its group. Only the supervisor acts on them.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  try {
    await serve(config, worker);
  } catch (error) {
    const failure = failureOf(error);
    worker.process.send?.({ type: 'failed', failure } satisfies WorkerMessage, () => process.exit(failure.exitCode));
  }
}

async function serve(config: Config, worker: Worker): Promise<void> {
  const index = { index: config.processIndex, count: config.processes };
  const requests = new PendingRequests<RouterSnapshot>(clusterSnapshotTimeoutMs);
  const send = (message: WorkerMessage): boolean => {
    // A message that can't be sent needs no answer: `disconnect` tells that the supervisor is gone.
    if (process.connected) process.send?.(message, () => {});
    return process.connected;
  };
  const router = new Router(shareConfig(config, index), {
    worker: index,
    clusterSnapshot: () => requests.request((id) => send({ type: 'request-cluster-snapshot', id })),
  });

  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await router.stop();
    await exitAfterOutput(0, config.shutdownTimeoutMs);
  };
  process.on('SIGTERM', stop);
  worker.on('disconnect', () => {
    // Without this flag Node.js would end this process at once, with its requests in flight.
    worker.exitedAfterDisconnect = true;
    requests.cancelAll();
    if (!stopping) log.error('The supervisor is gone: shutting down');
    void stop();
  });
  process.on('message', async (message: SupervisorMessage) => {
    if (message.type === 'request-snapshot') {
      send({ type: 'snapshot', id: message.id, snapshot: await router.snapshot() });
    } else if (message.type === 'cluster-snapshot') requests.resolve(message.id, message.snapshot);
    else if (message.type === 'reload') router.reload();
  });
  await router.serve();
  // The processes share STATUS_PORT. A process that still starts must not answer /readyz for those that serve.
  await router.serveStatus();
  if (!stopping) send({ type: 'listening', port: router.port, functions: router.functions });
}
