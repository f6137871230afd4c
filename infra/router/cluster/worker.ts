/** One of several router processes: a router of its own, which the supervisor starts, asks and ends. */
import type { Worker } from 'node:cluster';
import { exitAfterOutput } from '../../wire/stdout.ts';
import type { Config } from '../config.ts';
import type { RouterSnapshot } from '../control/snapshot.ts';
import { failureOf } from '../process/exit-code.ts';
import { log } from '../process/log.ts';
import { Router } from '../router.ts';
import { shareConfig } from '../runtime/share.ts';
import type { FromRouter, FromSupervisor } from './messages.ts';
import { Questions } from './pending-requests.ts';

/** Milliseconds for the supervisor to ask all processes; it waits for none of them that long. */
const patience = 2000;

/** Serves until the supervisor ends it or is gone. What keeps it from serving the supervisor is told. */
export async function runRouterProcess(config: Config, worker: Worker): Promise<void> {
  try {
    await run(config, worker);
  } catch (error) {
    const failure = failureOf(error);
    worker.process.send?.({ type: 'failed', failure } satisfies FromRouter, () => process.exit(failure.exitCode));
  }
}

async function run(config: Config, worker: Worker): Promise<void> {
  const place = { index: config.processIndex, count: config.processes };
  const questions = new Questions<RouterSnapshot>(patience);
  const tell = (message: FromRouter): boolean => {
    // That the supervisor has gone is noticed by the disconnect.
    if (process.connected) process.send?.(message, () => {});
    return process.connected;
  };
  const router = new Router(shareConfig(config, place), {
    place,
    gather: () => questions.ask((id) => tell({ type: 'ask-all', id })),
  });

  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await router.stop();
    await exitAfterOutput(0, config.shutdownTimeout);
  };
  process.on('SIGTERM', stop);
  // Both reach the whole process group, from a terminal; what they mean is the supervisor's to say.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  worker.on('disconnect', () => {
    // Otherwise Node.js would end this process at once, with what it has in hand.
    worker.exitedAfterDisconnect = true;
    questions.close();
    if (!stopping) log.error('The supervisor is gone: shutting down');
    void stop();
  });

  process.on('message', (message: FromSupervisor) => {
    if (message.type === 'ask-own') tell({ type: 'own-snapshot', id: message.id, snapshot: router.snapshot() });
    else if (message.type === 'snapshot-of-all') questions.answer(message.id, message.snapshot);
    else if (message.type === 'reload') router.reload();
  });
  await router.serve();
  if (!stopping) tell({ type: 'listening', port: router.port, functions: router.functions });
}
