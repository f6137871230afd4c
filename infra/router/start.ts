import { randomUUID } from 'node:crypto';
import { ConfigurationError } from './config.ts';
import type { FunctionConfiguration } from './manifest.ts';
import { errorOf, type FunctionHost } from './runtime/host.ts';

/** A function that must run before the router listens did not succeed. */
export class StartError extends Error {
  override name = 'StartError';
}

/**
 * Invokes a function with {} and ends its process.
 * @throws ConfigurationError when the function says that a setting is wrong; StartError when it fails otherwise
 */
export async function invokeOnStart(host: FunctionHost, configuration: FunctionConfiguration): Promise<void> {
  const pool = host.add(configuration);
  const outcome = await pool.invoke({ requestId: randomUUID(), payload: Buffer.from('{}') });
  host.pools.delete(configuration.name);
  await pool.stop(0);
  const error = errorOf(outcome);
  if (!error) return;
  if (error.errorType === 'ConfigurationError') throw new ConfigurationError(error.errorMessage);
  throw new StartError(`${configuration.name} failed: ${error.errorType}: ${error.errorMessage}`);
}
