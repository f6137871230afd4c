/** A load balancer for tests. Like most of them it asks each server's /readyz, keeps connections, and repeats no request. */
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { TestContext } from 'node:test';

/** A server, and where it tells whether it is ready. */
export interface Backend {
  url: string;
  readyUrl: string;
}

export interface Balancer {
  /** The address without a slash at its end. */
  url: string;
  /** The servers. A test adds and removes them. */
  backends: Set<Backend>;
  /** The servers that get requests, with the connections to each. */
  ready: ReadonlyMap<Backend, Agent>;
}

/** Time between two probes of a server (ms). A server that stops must wait several times as long. */
const probeIntervalMs = 20;

/** @returns a balancer that ends with the test */
export async function startBalancer(t: Pick<TestContext, 'after'>): Promise<Balancer> {
  const backends = new Set<Backend>();
  const ready = new Map<Backend, Agent>();
  let turn = 0;
  let ended = false;

  async function probe(): Promise<void> {
    while (!ended) {
      await Promise.all(Array.from(backends, async (one) => update(one, await isReady(one))));
      for (const one of ready.keys()) if (!backends.has(one)) update(one, false);
      await new Promise((resolve) => setTimeout(resolve, probeIntervalMs));
    }
  }

  function update(one: Backend, isUp: boolean): void {
    if (isUp === ready.has(one)) return;
    if (isUp) ready.set(one, new Agent({ keepAlive: true }));
    else ready.delete(one);
  }

  const server = createServer(async (incoming, outgoing) => {
    const targets = [...ready];
    const [backend, agent] = targets[turn++ % Math.max(1, targets.length)] ?? [];
    if (!backend) {
      outgoing.writeHead(503).end('no server is ready');
      return;
    }
    const { method, url, headers } = incoming;
    try {
      const passed = request(backend.url + url, { method, headers, agent });
      const [[answer]] = await Promise.all([
        once(passed, 'response') as Promise<[IncomingMessage]>,
        pipeline(incoming, passed),
      ]);
      outgoing.writeHead(answer.statusCode ?? 0, { 'content-type': answer.headers['content-type'] });
      await pipeline(answer, outgoing);
    } catch (error) {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end(String(error));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const probing = probe();
  t.after(async () => {
    ended = true;
    server.close();
    server.closeAllConnections();
    await probing;
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, backends, ready };
}

async function isReady({ readyUrl }: Backend): Promise<boolean> {
  try {
    const { status, body } = await fetch(readyUrl);
    await body?.cancel();
    return status === 200;
  } catch {
    return false;
  }
}

/** Requests that are sent without a pause until the test stops them. */
export interface Load {
  /** How many were answered as expected. */
  answered: number;
  /** The status or the error of each other request. */
  failures: string[];
  /** Lets the requests under way finish. */
  stop(): Promise<void>;
}

/**
 * Sends requests without a pause.
 * @param send sends request number n and returns its status
 * @param concurrency requests at once
 */
export function startLoad(send: (n: number) => Promise<number>, concurrency = 8): Load {
  let stopping = false;
  let n = 0;
  const load: Load = {
    answered: 0,
    failures: [],
    async stop() {
      stopping = true;
      await Promise.all(clients);
    },
  };
  const clients = Array.from({ length: concurrency }, async () => {
    while (!stopping) {
      try {
        const status = await send(n++);
        if (status < 400) load.answered++;
        else load.failures.push(String(status));
      } catch (error) {
        load.failures.push(String((error as Error).cause ?? error));
      }
    }
  });
  return load;
}
