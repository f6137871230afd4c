/** Reads the state of a router's functions from its status server, and of processes from the system. */
import type { TestContext } from 'node:test';
import { type Router, startRouter } from '../support/router.ts';

/** The part of an environment's entry in /status that the tests read. */
export interface EnvironmentStatus {
  pid: number;
  state: 'starting' | 'idle' | 'busy' | 'ending';
}

/** The part of a function's entry in /status that the tests read. */
export interface FunctionStatus {
  name: string;
  state: string;
  environments: EnvironmentStatus[];
  inFlight: number;
  coldStarts: number;
  throttles: number;
}

/** Starts a router on the fixtures that ends with the test. */
export async function routerFor(t: TestContext, env: Record<string, string> = {}): Promise<Router> {
  const router = await startRouter({ dist: 'dist/fixtures', env });
  t.after(() => router.stop());
  return router;
}

/** @returns a function's entry in /status */
export async function statusOf({ statusUrl }: Router, name: string): Promise<FunctionStatus> {
  const { functions } = (await (await fetch(`${statusUrl}/status`)).json()) as { functions: FunctionStatus[] };
  const found = functions.find((one) => one.name === name);
  if (!found) throw new Error(`no function ${name}`);
  return found;
}

/** Waits until an environment of the function is in that state. */
export async function environmentIn(router: Router, name: string, state: string): Promise<EnvironmentStatus> {
  for (;;) {
    const { environments } = await statusOf(router, name);
    const found = environments.find((one) => one.state === state);
    if (found) return found;
  }
}

/** Resolves when the process has ended. */
export async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise(setImmediate);
  }
}

/** @returns the value of a JSON answer */
export async function json(response: Promise<Response>): Promise<Record<string, unknown>> {
  return (await response).json() as Promise<Record<string, unknown>>;
}
