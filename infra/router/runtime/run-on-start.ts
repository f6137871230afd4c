/** Runs functions with `onStart` in function.json, such as the migrations, before the router listens. */
import { randomUUID } from 'node:crypto';
import { ConfigurationError } from '../config.ts';
import type { FunctionConfiguration } from '../manifest.ts';
import type { FunctionHost } from './host.ts';
import { errorOf } from './invocation.ts';

/** A function with `onStart` failed, so the router can't start. */
class StartError extends Error {
  override name = 'StartError';
}

/**
 * Invokes a function with the event {}, and ends its process.
 * @param onInit called when its INIT has succeeded
 * @throws ConfigurationError when the function reports an invalid setting by an error of that name
 * @throws StartError when the function fails for another reason
 */
export async function invokeOnStart(
  host: FunctionHost,
  configuration: FunctionConfiguration,
  onInit = () => {},
): Promise<void> {
  const pool = host.add(configuration);
  const invoked = pool.invoke({ requestId: randomUUID(), payload: Buffer.from('{}') });
  // The outcome reports a failed INIT.
  for (const { ready } of pool.environments) ready.then(onInit, () => {});
  const outcome = await invoked;
  host.pools.delete(configuration.name);
  await pool.stop(0);
  const error = errorOf(outcome);
  if (!error) return;
  if (error.errorType === 'ConfigurationError') throw new ConfigurationError(error.errorMessage);
  throw new StartError(`${configuration.name} failed: ${error.errorType}: ${error.errorMessage}`);
}
