/**
 * Measures the most that aws-lambda-ric can do. Its processes start as the router starts them, but ask a Runtime API that
 * always has the next event ready. There is no gateway, no HTTP client, and no choice of a process.
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
import { commandOf, environmentOf, functionProcessPid } from './machine/processes.ts';
import { createUsers } from './users.ts';

/** Requests per second, one figure per round. */
export interface RicCeiling {
  bareApi: number[];
  cadastro: number[];
  offlineWorkers: number[];
}

const requests = { kind: 'get', path: '/users/1' } as const;
const event = readFileSync(join(root, 'functions/get-user/events/found.json'), 'utf8');

/** A Runtime API that answers every poll at once with the same event while `run` is active. */
class BareRuntimeApi {
  readonly server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
  answerCount = 0;
  lastAnswer = '';
  #eventCount = 0;
  #running = false;
  readonly #polls: ServerResponse[] = [];

  constructor() {
    this.server.on('request', (request, response) => {
      if (request.method === 'GET') {
        if (this.#running) this.#sendEvent(response);
        else this.#polls.push(response);
        return;
      }
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.answerCount++;
        this.lastAnswer = Buffer.concat(chunks).toString();
        response.writeHead(202, { 'content-length': 0 }).end();
      });
    });
  }

  /** @returns answered events per second */
  async run(seconds: number): Promise<number> {
    const before = this.answerCount;
    this.#running = true;
    for (const poll of this.#polls.splice(0)) this.#sendEvent(poll);
    await pause(seconds * 1000);
    this.#running = false;
    return (this.answerCount - before) / seconds;
  }

  #sendEvent(response: ServerResponse): void {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(event),
      'lambda-runtime-aws-request-id': `00000000-0000-4000-8000-${String(++this.#eventCount).padStart(12, '0')}`,
      'lambda-runtime-deadline-ms': Date.now() + 10_000,
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:get-user',
    });
    response.end(event);
  }
}

/**
 * Measures the bare Runtime API, cadastro under aws-lambda-ric and serverless-offline's workers in turn.
 * @throws Error when aws-lambda-ric is not installed or gives a wrong answer
 */
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
    for (const { url } of [router, workers]) await createUsers(url, 1);
    await fetch(`${router.url}${requests.path}`);
    await once(api.server.listen(0, '127.0.0.1'), 'listening');
    const address = `127.0.0.1:${(api.server.address() as AddressInfo).port}`;
    const start = spawnerLikeRouter(router.pid, address);
    for (let count = 0; count < 2 * availableParallelism(); count++) children.push(start());

    for (const { url } of [router, workers]) await load({ url, requests, connections, seconds: 20 });
    await api.run(20);
    if (!api.lastAnswer.includes('"statusCode":200')) throw new Error(`aws-lambda-ric answers ${api.lastAnswer}`);
    const found: RicCeiling = { bareApi: [], cadastro: [], offlineWorkers: [] };
    for (let round = 0; round < rounds; round++) {
      found.bareApi.push(await api.run(seconds));
      found.offlineWorkers.push((await load({ url: workers.url, requests, connections, seconds })).requestsPerSecond);
      found.cadastro.push((await load({ url: router.url, requests, connections, seconds })).requestsPerSecond);
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

/**
 * @param routerPid of a router that runs get-user
 * @param apiAddress of the Runtime API that the new processes ask for events
 * @returns a function that starts another process as the router started its process of get-user
 */
function spawnerLikeRouter(routerPid: number, apiAddress: string): () => ChildProcess {
  const model = functionProcessPid('get-user', routerPid);
  const [command = '', ...args] = commandOf(model);
  const env = environmentOf(model);
  return () => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
    (child.stdio[3] as Writable).end(apiAddress);
    return child;
  };
}
