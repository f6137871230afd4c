/** A Runtime API endpoint to call in tests, and raw HTTP to call it with. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { FunctionError, Invocation, InvocationOutcome } from '../../router/runtime/invocation.ts';
import { RuntimeApiClient } from '../../router/runtime/runtime-api/runtime-api-client.ts';

export const arn = 'arn:aws:lambda:us-east-1:000000000000:function:tested';

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The value of the text as JSON. */
  body: unknown;
}

export interface Call {
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
}

export interface Endpoint {
  client: RuntimeApiClient;
  port: number;
  /** How often the client said that INIT is over. */
  readies: number;
  initErrors: FunctionError[];
  /** Sends an event. @returns its outcomes, which are at most one, and a promise of the first */
  invoke(
    invocation?: Partial<Invocation>,
    milliseconds?: number,
  ): { outcomes: InvocationOutcome[]; outcome: Promise<InvocationOutcome> };
  /** Resolves when the next request of a kind has arrived and been taken up. */
  arrival(kind: 'next' | 'response' | 'error'): Promise<void>;
  /** Starts a request below /2018-06-01/runtime/ and leaves it open. */
  open(method: string, path: string, headers?: Call['headers']): ClientRequest;
  call(method: string, path: string, call?: Call): Promise<Reply>;
}

export async function openEndpoint(): Promise<Endpoint> {
  const opened = Promise.withResolvers<string>();
  const endpoint = { readies: 0, initErrors: [] as FunctionError[] };
  const client = new RuntimeApiClient(
    arn,
    {
      ready: () => {
        endpoint.readies++;
      },
      initError: (error) => endpoint.initErrors.push(error),
      broken: (error) => assert.fail(error.errorMessage),
    },
    process.pid,
    opened.resolve,
  );
  const port = Number((await opened.promise).split(':')[1]);
  const open: Endpoint['open'] = (method, path, headers = {}) =>
    request({ host: '127.0.0.1', port, method, path: `/2018-06-01/runtime/${path}`, headers, agent: false });
  return Object.assign(endpoint, {
    client,
    port,
    open,
    arrival(kind: 'next' | 'response' | 'error') {
      const arrived = Promise.withResolvers<void>();
      const own = client[kind];
      Object.assign(client, {
        [kind](...args: never[]) {
          Object.assign(client, { [kind]: own });
          arrived.resolve();
          return Reflect.apply(own, client, args);
        },
      });
      return arrived.promise;
    },
    invoke(invocation: Partial<Invocation> = {}, milliseconds = 60_000) {
      const outcomes: InvocationOutcome[] = [];
      const first = Promise.withResolvers<InvocationOutcome>();
      client.invoke({ requestId: 'id-1', ...invocation }, Date.now() + milliseconds, (outcome) => {
        outcomes.push(outcome);
        first.resolve(outcome);
      });
      return { outcomes, outcome: first.promise };
    },
    call(method: string, path: string, { headers, body }: Call = {}) {
      const sent = open(method, path, headers);
      sent.end(body);
      return replyTo(sent);
    },
  });
}

/** @throws Error when the connection breaks before the reply is whole */
export async function replyTo(sent: ClientRequest): Promise<Reply> {
  // When the reply comes early, the rest of the request may fail.
  sent.on('error', () => {});
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const { statusCode: status = 0, headers } = response;
  return {
    status,
    headers,
    text,
    get body() {
      return JSON.parse(text);
    },
  };
}
