/** Runs one invocation of a function in this process, for `npm run invoke`. */
import { randomUUID } from 'node:crypto';
import inspector from 'node:inspector';
import { duplexPair } from 'node:stream';
import type { Config } from '../../router/config.ts';
import type { FunctionConfiguration } from '../../router/manifest.ts';
import { FramedClient } from '../../router/runtime/framed-client.ts';
import type { FunctionError, InvocationOutcome } from '../../router/runtime/invocation.ts';
import { functionArn, functionEnvironment } from '../../router/runtime/launch.ts';
import { startRuntime } from '../../runtime-client/node/runtime.ts';

/** The result of an invocation, and its times. */
export interface Invoked {
  outcome: InvocationOutcome;
  requestId: string;
  initMs: number;
  durationMs: number;
}

/** The time that a handler sees as left while a debugger may stop it: a day. */
const debuggedTimeoutMs = 86_400_000;

/**
 * Invokes a function with the same client, channel and variables as in a process that the router starts.
 * @param event the whole event, as JSON
 * @returns the outcome; a failed INIT and a time-out are outcomes too
 */
export async function invokeLocally(
  configuration: FunctionConfiguration,
  config: Config,
  event: string,
): Promise<Invoked> {
  const requestId = randomUUID();
  const [routerEnd, functionEnd] = duplexPair();
  const init = Promise.withResolvers<void>();
  const startedAt = performance.now();
  const client = new FramedClient(routerEnd, functionArn(config, configuration.name), {
    ready: () => init.resolve(),
    initError: (error) => init.reject(error),
    broken: (error) => init.reject(error),
  });
  for (const [variable, value] of Object.entries(functionEnvironment(configuration, config, process.env))) {
    if (value !== undefined) process.env[variable] = value;
  }
  process.chdir(configuration.codeFolder);
  void startRuntime(functionEnd, process.env);
  try {
    await init.promise;
  } catch (error) {
    const outcome: InvocationOutcome = { type: 'failure', reason: 'init', error: error as FunctionError };
    return { outcome, requestId, initMs: performance.now() - startedAt, durationMs: 0 };
  }
  const readyAt = performance.now();
  const outcome = await invoke(client, configuration.timeout, requestId, event);
  return { outcome, requestId, initMs: readyAt - startedAt, durationMs: performance.now() - readyAt };
}

/** @param timeout in seconds; it does not count while a debugger is attached */
function invoke(client: FramedClient, timeout: number, requestId: string, event: string): Promise<InvocationOutcome> {
  const timeoutMs = isDebugged() ? debuggedTimeoutMs : timeout * 1000;
  return new Promise((resolve) => {
    const errorMessage = `Task timed out after ${timeout.toFixed(2)} seconds`;
    const timer = setTimeout(() => {
      // The debugger may have been attached in the meantime.
      if (isDebugged()) return;
      resolve({ type: 'failure', reason: 'timeout', error: { errorType: 'Sandbox.Timedout', errorMessage } });
    }, timeoutMs);
    client.invoke({ requestId, payload: Buffer.from(event) }, Date.now() + timeoutMs, (result) => {
      clearTimeout(timer);
      resolve(result);
    });
  });
}

function isDebugged(): boolean {
  return inspector.url() !== undefined;
}
