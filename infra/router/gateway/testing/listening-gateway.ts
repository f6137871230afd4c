/** A gateway on a free port, for tests that answer invocations themselves. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { Config } from '../../config.ts';
import { createLimits } from '../../http/limits.ts';
import type { FunctionConfiguration } from '../../manifest.ts';
import { FunctionMetrics } from '../../runtime/function-metrics.ts';
import type { FunctionHost } from '../../runtime/host.ts';
import type { Invocation, InvocationOutcome } from '../../runtime/invocation.ts';
import { createGateway, type GatewayOptions } from '../gateway.ts';
import type { RouteTree } from '../route-tree.ts';

/** A function, and how the test answers its invocations. */
export interface FakePool {
  configuration: FunctionConfiguration;
  invoke(invocation: Invocation): Promise<InvocationOutcome>;
}

/** @returns a host whose functions are the pools */
export function hostOf(pools: FakePool[]): FunctionHost {
  const byName = new Map(pools.map((pool) => [pool.configuration.name, pool]));
  return { pools: byName, metrics: new FunctionMetrics() } as unknown as FunctionHost;
}

/**
 * Serves a gateway until the test ends.
 * @param options the collaborators that differ from a gateway without authorizers that does not stop
 */
export async function listeningGateway(
  t: TestContext,
  config: Config,
  host: FunctionHost,
  routes: RouteTree,
  options: Partial<GatewayOptions> = {},
): Promise<{ server: Server; port: number }> {
  const server = createGateway({
    ...{ config, host, limits: createLimits(config), routes: () => routes },
    authorizerOf: () => undefined,
    isStopping: () => false,
    ...options,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { server, port: (server.address() as AddressInfo).port };
}
