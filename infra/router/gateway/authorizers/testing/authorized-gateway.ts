/** For tests: a gateway whose routes have an authorizer, with functions that are callbacks. */
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseConfig } from '../../../config.ts';
import { type FunctionConfiguration, parseFunction } from '../../../manifest.ts';
import type { Invocation, InvocationOutcome } from '../../../runtime/invocation.ts';
import { RouteTree } from '../../route-tree.ts';
import { hostOf, listeningGateway } from '../../testing/listening-gateway.ts';
import { Authorizers } from '../authorizers.ts';

/** The event of the route's own function. */
export interface ServedEvent {
  requestContext: Record<string, unknown>;
}

/** A response of the gateway, and the event that the function behind it got before. */
export interface AuthorizedResponse {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
  event: ServedEvent;
}

/** The gateway, and what its functions got. */
export interface AuthorizedGateway {
  port: number;
  call(path: string, init?: RequestInit): Promise<AuthorizedResponse>;
  /** Events of the authorizer. */
  asked: Record<string, unknown>[];
  /** Events of the function. */
  served: ServedEvent[];
  /** Bodies of requests that reached the function. */
  bodies: string[];
  /** Waits until the authorizer has got a number of events. */
  untilAsked(count: number): Promise<void>;
  untilConnections(count: number): Promise<void>;
}

/**
 * Serves a function `f` behind an authorizer `authorize`.
 * @param others routes of the function `g`, which has an authorizer of the same settings
 * @param answer what the authorizer gives for its event: a value, or an outcome
 */
export async function serveAuthorized(
  t: TestContext,
  options: {
    route: unknown;
    others?: string[];
    authorizer: object;
    answer?: (event: Record<string, unknown>) => unknown;
    env?: Record<string, string> | undefined;
  },
): Promise<AuthorizedGateway> {
  const { route, others = [], authorizer, answer = () => ({}), env = {} } = options;
  const config = parseConfig({ ...env });
  const asked: Record<string, unknown>[] = [];
  const served: ServedEvent[] = [];
  const bodies: string[] = [];
  const functions = [
    parseFunction({ name: 'f', route, authorizer }, '/dist'),
    parseFunction({ name: 'g', route: others, authorizer }, '/dist'),
    parseFunction({ name: 'authorize' }, '/'),
  ];
  const authorize = async ({ payload }: Invocation): Promise<InvocationOutcome> => {
    const event = JSON.parse(String(payload)) as Record<string, unknown>;
    asked.push(event);
    return outcomeOf(await answer(event));
  };
  const serve = async ({ event, body }: Invocation): Promise<InvocationOutcome> => {
    served.push(JSON.parse(JSON.stringify(event)));
    if (body) bodies.push(body.toString());
    return { type: 'proxy', head: Buffer.from('{"statusCode":200}'), body: Buffer.from('{}') };
  };
  const [f, g, authorizing] = functions as [FunctionConfiguration, FunctionConfiguration, FunctionConfiguration];
  const host = hostOf([
    { configuration: f, invoke: serve },
    { configuration: g, invoke: serve },
    { configuration: authorizing, invoke: authorize },
  ]);
  const tree = new RouteTree(functions);
  const names = functions.map(({ name }) => name);
  const authorizers = new Authorizers(config, host, tree.routes, names);
  const { server, port } = await listeningGateway(t, config, host, tree, {
    authorizerOf: (one) => authorizers.of(one),
  });
  const until = async (isTrue: () => boolean | Promise<boolean>) => {
    while (!(await isTrue())) await sleep(2);
  };
  return {
    ...{ port, asked, served, bodies },
    async call(path, init) {
      const before = served.length;
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { ...init });
      const { status, headers } = response;
      return {
        status,
        headers,
        body: (await response.json()) as Record<string, unknown>,
        event: served[before] as ServedEvent,
      };
    },
    untilAsked: (count) => until(() => asked.length >= count),
    untilConnections: (count) =>
      until(async () => {
        const { promise, resolve } = Promise.withResolvers<number>();
        server.getConnections((_error, open) => resolve(open));
        return (await promise) === count;
      }),
  };
}

function outcomeOf(answer: unknown): InvocationOutcome {
  if (typeof answer === 'object' && answer !== null && 'type' in answer) return answer as InvocationOutcome;
  const json = Buffer.from(JSON.stringify(answer));
  const isProxy = typeof answer === 'object' && answer !== null && 'statusCode' in answer;
  return isProxy ? { type: 'proxy', head: json, body: Buffer.alloc(0) } : { type: 'payload', payload: json };
}
