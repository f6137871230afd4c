/**
 * Several router processes of one host: starts them, has them share the ports, replaces one that ends, and ends them all.
 * No request comes here: node:cluster hands each connection to the next process, and there it stays.
 */
import cluster from 'node:cluster';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { RouterProcessError } from '../process/exit-code.ts';
import { log } from '../process/log.ts';
import { scheduleAsBatch } from '../process/scheduling.ts';
import { onStopSignals } from '../process/signals.ts';
import { Router } from '../router.ts';
import { Census } from './cluster-metrics.ts';
import type { FromRouter } from './messages.ts';
import { Slot } from './worker-slot.ts';

/** Milliseconds past SHUTDOWN_TIMEOUT_MS after which a router process that has not ended is killed. */
const killGrace = 5000;

interface Member {
  slot: Slot;
  askSnapshot(id: number): boolean;
}

/**
 * Starts the functions that run once, then the router processes; resolves when all serve.
 * @throws ConfigurationError or StartError as a router does; RouterProcessError when a process could not start
 */
export async function supervise(config: Config): Promise<void> {
  // Of the same kind as those that serve, it checks what they will need, and runs what is run once.
  const router = new Router(config, { place: { index: 0, count: config.processes } });
  cluster.setupPrimary({ exec: join(import.meta.dirname, 'main.mjs') });
  const members = Array.from({ length: config.processes }, (_, index) => createMember(index));
  const slots = members.map(({ slot }) => slot);
  const census = new Census(members);
  const listening = new Map<Member, { port: number; functions: number }>();
  const started = Promise.withResolvers<void>();
  let stopping = false;

  onStopSignals(
    async () => {
      stopping = true;
      await router.stop();
      await Promise.all(slots.map((slot) => slot.stop(config.shutdownTimeout + killGrace)));
    },
    {
      maxOutputWaitMs: config.shutdownTimeout,
      abandon: () => {
        for (const slot of slots) slot.kill();
      },
    },
  );
  // Before anything that takes time: without a listener SIGHUP ends the process.
  process.on('SIGHUP', () => {
    for (const slot of slots) slot.send({ type: 'reload' });
  });
  await scheduleAsBatch();
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
    processes: config.processes,
  });

  function createMember(index: number): Member {
    const member: Member = {
      slot: new Slot({
        index,
        fork: () => cluster.fork({ ROUTER_PROCESS_INDEX: index }),
        onMessage: (message) => void handle(member, message),
        onExit: () => census.exited(member),
      }),
      askSnapshot: (id) => member.slot.send({ type: 'ask-own', id }),
    };
    return member;
  }

  async function handle(member: Member, message: FromRouter): Promise<void> {
    switch (message.type) {
      case 'listening':
        listening.set(member, message);
        if (listening.size === members.length) started.resolve();
        return;
      case 'failed':
        // At the start that of the first is told by who started us; later it is tried again.
        if (listening.size < members.length) started.reject(new RouterProcessError(message.failure));
        else log.error('A router process could not start', { errorMessage: message.failure.message });
        return;
      case 'own-snapshot':
        census.answer(member, message.id, message.snapshot);
        return;
      case 'ask-all':
        member.slot.send({ type: 'snapshot-of-all', id: message.id, snapshot: await census.take() });
        return;
    }
  }
}
