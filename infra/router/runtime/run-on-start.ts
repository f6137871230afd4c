import { randomUUID } from 'node:crypto';
import { ConfigurationError } from '../config.ts';
import type { FunctionConfiguration } from '../manifest.ts';
import { errorOf, type FunctionHost } from './host.ts';

/** A function that must run before the router listens did not succeed. */
class StartError extends Error {
  override name = 'StartError';
}

/**
 * Invokes a function with {} and ends its process.
 * @param onInit called when its INIT has succeeded
 * @throws ConfigurationError when the function says that a setting is wrong; StartError when it fails otherwise
 */
export async function invokeOnStart(
  host: FunctionHost,
  configuration: FunctionConfiguration,
  onInit = () => {},
): Promise<void> {
  const pool = host.add(configuration);
  const invoked = pool.invoke({ requestId: randomUUID(), payload: Buffer.from('{}') });
  // Why an INIT failed is the outcome's to say.
  for (const { ready } of pool.environments) ready.then(onInit, () => {});
  const outcome = await invoked;
  host.pools.delete(configuration.name);
  await pool.stop(0);
  const error = errorOf(outcome);
  if (!error) return;
  if (error.errorType === 'ConfigurationError') throw new ConfigurationError(error.errorMessage);
  throw new StartError(`${configuration.name} failed: ${error.errorType}: ${error.errorMessage}`);
}
