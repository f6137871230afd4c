/** The share that one router process has of the limits of its host. Limits are set for the host, whatever ROUTER_PROCESSES is. */
import { type Config, ConfigurationError } from '../config.ts';
import type { FunctionConfiguration } from '../manifest.ts';

/** The index of one router process among those of its host. */
export interface WorkerIndex {
  /** Counted from 0. */
  index: number;
  /** How many router processes the host has. */
  count: number;
}

/** The index of a router process without others beside it. */
export const onlyWorker: WorkerIndex = { index: 0, count: 1 };

/** The settings of function.json of which each router process has a share. */
export type Limits = Pick<FunctionConfiguration, 'provisionedConcurrency' | 'reservedConcurrentExecutions'>;

/** The shares of all workers add up to the total, and differ by one at most. */
function shareOf(total: number, { index, count }: WorkerIndex): number {
  return Math.floor(total / count) + (index < total % count ? 1 : 0);
}

/**
 * Divides a function's limits. A function that is kept warm is kept warm in every router process, because requests come to
 * all of them.
 * @returns the share of one router process
 */
export function shareLimits(
  { provisionedConcurrency, reservedConcurrentExecutions }: Limits,
  worker: WorkerIndex,
): Limits {
  return {
    provisionedConcurrency: Math.max(Math.min(provisionedConcurrency, 1), shareOf(provisionedConcurrency, worker)),
    reservedConcurrentExecutions: shareOf(reservedConcurrentExecutions, worker),
  };
}

/** @returns the settings with one router process's share of each limit of the host */
export function shareConfig(config: Config, worker: WorkerIndex): Config {
  return {
    ...config,
    maxEnvironments: shareOf(config.maxEnvironments, worker),
    eventQueueBytes: shareOf(config.eventQueueBytes, worker),
    // One body must fit, and one stream.
    requestMemoryBytes: Math.max(config.maxPayloadBytes, shareOf(config.requestMemoryBytes, worker)),
    responseMemoryBytes: Math.max(config.maxPayloadBytes, shareOf(config.responseMemoryBytes, worker)),
    streamLimit: Math.max(1, shareOf(config.streamLimit, worker)),
    clientStreamLimit: Math.max(1, shareOf(config.clientStreamLimit, worker)),
  };
}

/** @throws ConfigurationError naming a function that some router process could never invoke, because its share is 0 */
export function requireShares(functions: FunctionConfiguration[], { count }: WorkerIndex): void {
  const short = functions.find(({ reservedConcurrentExecutions: total }) => total > 0 && total < count);
  if (!short) return;
  const { name, reservedConcurrentExecutions } = short;
  throw new ConfigurationError(
    `function.json of ${name}: "reservedConcurrentExecutions" is ${reservedConcurrentExecutions}, too few for ` +
      `${count} router processes: set it to ${count} or more, or ROUTER_PROCESSES to ${reservedConcurrentExecutions} or less`,
  );
}
