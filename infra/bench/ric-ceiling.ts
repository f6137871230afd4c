/**
 * What aws-lambda-ric can do at most: its processes, started as the router starts them, against a Runtime API that does
 * nothing else than have the next event ready. No gateway, no client, no choice of a process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { cadastroRic } from './contenders/cadastro.ts';
import { root } from './contenders/contender.ts';
import { offlineWorkers } from './contenders/serverless-offline.ts';
import { load } from './load/load.ts';
import { commandOf, environmentOf, processOf } from './machine/processes.ts';
import { fill } from './users.ts';

/** Requests a second, one figure a round. */
export interface RicCeiling {
  bare: number[];
  router: number[];
  workers: number[];
}

const requests = { kind: 'get', path: '/users/1' } as const;
const event = readFileSync(join(root, 'functions/get-user/events/found.json'), 'utf8');

/** A Runtime API that answers every request for the next event at once, while it is running. */
class BareRuntimeApi {
  readonly server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
  answers = 0;
  lastAnswer = '';
  #given = 0;
  #running = false;
  readonly #polls: ServerResponse[] = [];

  constructor() {
    this.server.on('request', (request, response) => {
      if (request.method === 'GET') {
        if (this.#running) this.#give(response);
        else this.#polls.push(response);
        return;
      }
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.answers++;
        this.lastAnswer = Buffer.concat(chunks).toString();
        response.writeHead(202, { 'content-length': 0 }).end();
      });
    });
  }

  /** @returns events answered a second */
  async run(seconds: number): Promise<number> {
    const before = this.answers;
    this.#running = true;
    for (const poll of this.#polls.splice(0)) this.#give(poll);
    await pause(seconds * 1000);
    this.#running = false;
    return (this.answers - before) / seconds;
  }

  #give(response: ServerResponse): void {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(event),
      'lambda-runtime-aws-request-id': `00000000-0000-4000-8000-${String(++this.#given).padStart(12, '0')}`,
      'lambda-runtime-deadline-ms': Date.now() + 10_000,
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:get-user',
    });
    response.end(event);
  }
}

/** @throws Error when aws-lambda-ric is not installed, or what it answers is wrong */
export async function measureRicCeiling({
  rounds,
  seconds,
  connections,
  say,
}: {
  rounds: number;
  seconds: number;
  connections: number;
  say(message: string): void;
}): Promise<RicCeiling> {
  const api = new BareRuntimeApi();
  const children: ChildProcess[] = [];
  const [router, workers] = await Promise.all([cadastroRic.start(), offlineWorkers.start()]);
  try {
    for (const { url } of [router, workers]) await fill(url, 1);
    await fetch(`${router.url}${requests.path}`);
    await once(api.server.listen(0, '127.0.0.1'), 'listening');
    const address = `127.0.0.1:${(api.server.address() as AddressInfo).port}`;
    const start = likeTheRouters(router.pid, address);
    for (let count = 0; count < 2 * availableParallelism(); count++) children.push(start());

    for (const { url } of [router, workers]) await load({ url, requests, connections, seconds: 20 });
    await api.run(20);
    if (!api.lastAnswer.includes('"statusCode":200')) throw new Error(`aws-lambda-ric answers ${api.lastAnswer}`);
    const found: RicCeiling = { bare: [], router: [], workers: [] };
    for (let round = 0; round < rounds; round++) {
      found.bare.push(await api.run(seconds));
      found.workers.push((await load({ url: workers.url, requests, connections, seconds })).perSecond);
      found.router.push((await load({ url: router.url, requests, connections, seconds })).perSecond);
      say(`The ceiling of aws-lambda-ric, round ${round + 1} of ${rounds}`);
    }
    return found;
  } finally {
    for (const child of children) child.kill('SIGKILL');
    api.server.close();
    api.server.closeAllConnections();
    await Promise.all([router.stop(), workers.stop()]);
  }
}

/** @returns what starts another process like the router's own of get-user, which asks elsewhere for its events */
function likeTheRouters(router: number, address: string): () => ChildProcess {
  const model = processOf('get-user', router);
  const [command = '', ...args] = commandOf(model);
  const env = environmentOf(model);
  return () => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
    (child.stdio[3] as Writable).end(address);
    return child;
  };
}
