/** Memory over many requests: what leaks shows as growth after the first 200,000. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cadastro } from './contenders/cadastro.ts';
import { load } from './load/load.ts';
import { memoryMegabytes } from './machine/processes.ts';
import { withOwnNode } from './memory.ts';
import { fill } from './users.ts';

export interface SoakSample {
  requests: number;
  /** Megabytes, a moment after the load has stopped. */
  memory: number;
}

/**
 * Reads one user, lists users and asks for the health in turn until there were so many requests.
 * @param total requests
 */
export async function soak(
  total: number,
  { connections, say }: { connections: number; say(message: string): void },
): Promise<SoakSample[]> {
  return withOwnNode(async (node) => {
    const running = await cadastro.start(node);
    try {
      await fill(running.url, 100);
      const samples: SoakSample[] = [];
      let requests = 0;
      while (requests < total) {
        for (const path of ['/users/1', '/users', '/health']) {
          const result = await load({ url: running.url, requests: { kind: 'get', path }, connections, seconds: 3 });
          if (result.errors > 0) throw new Error(`${result.errors} errors after ${requests} requests`);
          requests += result.requests;
        }
        await sleep(1000);
        const memory = memoryMegabytes(running.pid);
        samples.push({ requests, memory });
        say(`${requests.toLocaleString('en')} requests: ${memory.toFixed(0)} MB`);
      }
      return samples;
    } finally {
      await running.stop();
    }
  });
}
