import { randomUUID } from 'node:crypto';
import { duplexPair } from 'node:stream';
import type { Config } from '../../router/config.ts';
import type { FunctionConfiguration } from '../../router/manifest.ts';
import { FramedClient } from '../../router/runtime/framed-client.ts';
import type { FunctionError, InvocationOutcome } from '../../router/runtime/invocation.ts';
import { functionArn, functionEnvironment } from '../../router/runtime/launch.ts';
import { startRuntime } from '../../runtime-client/node/runtime.ts';

export interface Invoked {
  outcome: InvocationOutcome;
  requestId: string;
  /** Milliseconds. */
  initMs: number;
  durationMs: number;
}

/**
 * Runs an event through a function's bundle in this process, over the same channel, with the same client and the same
 * variables as in a process that the router starts.
 * @param event the whole event, JSON
 */
export async function invokeLocally(
  configuration: FunctionConfiguration,
  config: Config,
  event: string,
): Promise<Invoked> {
  const requestId = randomUUID();
  const [ours, theirs] = duplexPair();
  const init = Promise.withResolvers<void>();
  const begun = performance.now();
  const client = new FramedClient(ours, functionArn(config, configuration.name), {
    ready: () => init.resolve(),
    initError: (error) => init.reject(error),
    broken: (error) => init.reject(error),
  });
  for (const [variable, value] of Object.entries(functionEnvironment(configuration, config, process.env))) {
    if (value !== undefined) process.env[variable] = value;
  }
  void startRuntime(theirs, process.env);
  try {
    await init.promise;
  } catch (error) {
    const outcome: InvocationOutcome = { type: 'failure', reason: 'init', error: error as FunctionError };
    return { outcome, requestId, initMs: performance.now() - begun, durationMs: 0 };
  }
  const ready = performance.now();
  const outcome = await new Promise<InvocationOutcome>((resolve) => {
    const milliseconds = configuration.timeout * 1000;
    const errorMessage = `Task timed out after ${configuration.timeout.toFixed(2)} seconds`;
    const timer = setTimeout(() => {
      resolve({ type: 'failure', reason: 'timeout', error: { errorType: 'Sandbox.Timedout', errorMessage } });
    }, milliseconds);
    client.invoke({ requestId, payload: Buffer.from(event) }, Date.now() + milliseconds, (result) => {
      clearTimeout(timer);
      resolve(result);
    });
  });
  return { outcome, requestId, initMs: ready - begun, durationMs: performance.now() - ready };
}
