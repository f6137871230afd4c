/** Measures memory over many requests. A leak shows as growth after the first 200,000 requests. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cadastro } from './contenders/cadastro.ts';
import { load, type Requests } from './load/load.ts';
import { memoryMegabytes } from './machine/processes.ts';
import { withPrivateNode } from './memory.ts';
import { createUsers } from './users.ts';

/** Memory after some number of requests. */
export interface SoakSample {
  requestCount: number;
  /** MB, one second after the load has stopped. */
  memory: number;
}

/** Each kind of request that clients send most, in turn. */
const kinds: readonly Requests[] = [
  { kind: 'get', path: '/users/1' },
  { kind: 'get', path: '/users' },
  { kind: 'get', path: '/health' },
  { kind: 'mixed', userCount: 100 },
  { kind: 'create' },
];

/**
 * Reads one user, the list and the health, mixes reads with writes, and creates users, in turn.
 * @param minRequestCount stops after at least this number of requests
 * @throws Error when a request fails
 */
export async function soak(
  minRequestCount: number,
  { connections, say }: { connections: number; say(message: string): void },
): Promise<SoakSample[]> {
  return withPrivateNode(async (node) => {
    const running = await cadastro.start(node);
    try {
      await createUsers(running.url, 100);
      const samples: SoakSample[] = [];
      let requestCount = 0;
      while (requestCount < minRequestCount) {
        for (const requests of kinds) {
          const result = await load({ url: running.url, requests, connections, seconds: 3 });
          if (result.errors > 0) throw new Error(`${result.errors} errors after ${requestCount} requests`);
          requestCount += result.requestCount;
        }
        await sleep(1000);
        const memory = memoryMegabytes(running.pid);
        samples.push({ requestCount, memory });
        say(`${requestCount.toLocaleString('en')} requests: ${memory.toFixed(0)} MB`);
      }
      return samples;
    } finally {
      await running.stop();
    }
  });
}
