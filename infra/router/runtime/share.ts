/**
 * What one router process takes of what belongs to the host: limits are set for the host, and hold for all its router
 * processes together.
 */
import { type Config, ConfigurationError } from '../config.ts';
import type { FunctionConfiguration } from '../manifest.ts';

/** Which of the host's router processes one is. */
export interface Place {
  /** From 0. */
  index: number;
  /** Router processes of the host. */
  count: number;
}

/** The place of a router that has no other beside it. */
export const alone: Place = { index: 0, count: 1 };

export type Limits = Pick<FunctionConfiguration, 'provisionedConcurrency' | 'reservedConcurrentExecutions'>;

/** All shares together are the total; they differ by one at most. */
function shareOf(total: number, { index, count }: Place): number {
  return Math.floor(total / count) + (index < total % count ? 1 : 0);
}

/** One process's share of a function's limits. Whoever keeps environments warm keeps one: all processes get requests. */
export function shareLimits({ provisionedConcurrency, reservedConcurrentExecutions }: Limits, place: Place): Limits {
  return {
    provisionedConcurrency: Math.max(Math.min(provisionedConcurrency, 1), shareOf(provisionedConcurrency, place)),
    reservedConcurrentExecutions: shareOf(reservedConcurrentExecutions, place),
  };
}

/** The settings with one process's share of those that limit the whole host. */
export function shareConfig(config: Config, place: Place): Config {
  return {
    ...config,
    maxEnvironments: shareOf(config.maxEnvironments, place),
    eventQueueBytes: shareOf(config.eventQueueBytes, place),
  };
}

/** @throws ConfigurationError naming a function whose share would be none at one of the processes */
export function requireShares(functions: FunctionConfiguration[], { count }: Place): void {
  const short = functions.find(({ reservedConcurrentExecutions: total }) => total > 0 && total < count);
  if (!short) return;
  const { name, reservedConcurrentExecutions } = short;
  throw new ConfigurationError(
    `function.json of ${name}: "reservedConcurrentExecutions" is ${reservedConcurrentExecutions}, too few for ` +
      `${count} router processes: set it to ${count} or more, or ROUTER_PROCESSES to ${reservedConcurrentExecutions} or less`,
  );
}
