/** Plays the Lambda service: a Runtime API that gives events to one environment, and collects its answers. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

/** The requests that an environment sends for an event, or instead of asking for one. */
export interface LambdaAnswer {
  /** "response", "error" or "init-error". */
  kind: string;
  body: string;
}

/** One Lambda service for one environment. */
export interface LambdaService {
  /** Value of AWS_LAMBDA_RUNTIME_API. */
  address: string;
  /** Gives an event to the environment as soon as it asks for one. @returns its answer */
  invoke(event: unknown): Promise<LambdaAnswer>;
}

/** The variables that Lambda itself sets, as far as aws-lambda-ric and the functions read them. */
export function variablesOfLambda(name: string): Record<string, string> {
  return {
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/01/[$LATEST]0',
  };
}

/** @param t test at whose end the service goes away */
export async function openLambdaService(t: Pick<TestContext, 'after'>): Promise<LambdaService> {
  const events: unknown[] = [];
  let waiting: ServerResponse | undefined;
  let answered = Promise.withResolvers<LambdaAnswer>();
  const give = () => {
    if (waiting === undefined || events.length === 0) return;
    waiting.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
      'lambda-runtime-deadline-ms': String(Date.now() + 300_000),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:tested',
    });
    waiting.end(JSON.stringify(events.shift()));
    waiting = undefined;
  };
  const server = createServer(async (request, response) => {
    const [, path = ''] = /^\/2018-06-01\/runtime\/(.*)$/.exec(request.url ?? '') ?? [];
    if (path === 'invocation/next') {
      waiting = response;
      give();
      return;
    }
    const body = await text(request);
    response.writeHead(202).end();
    const kind = path === 'init/error' ? 'init-error' : (path.split('/').at(-1) ?? '');
    answered.resolve({ kind, body });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close().closeAllConnections());
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    invoke(event) {
      answered = Promise.withResolvers();
      events.push(event);
      give();
      return answered.promise;
    },
  };
}
