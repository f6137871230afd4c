/** What the control API and the system say of a router's processes. */
import type { TestContext } from 'node:test';
import { type Router, startRouter } from '../support/router.ts';

export interface EnvironmentStatus {
  pid: number;
  state: 'starting' | 'idle' | 'busy' | 'ending';
}

export interface FunctionStatus {
  name: string;
  state: string;
  environments: EnvironmentStatus[];
  inFlight: number;
  coldStarts: number;
  throttles: number;
}

/** A router on the fixtures that ends with the test. */
export async function routerFor(t: TestContext, env: Record<string, string> = {}): Promise<Router> {
  const router = await startRouter({ dist: 'dist/fixtures', env });
  t.after(() => router.stop());
  return router;
}

export async function statusOf({ controlUrl }: Router, name: string): Promise<FunctionStatus> {
  const { functions } = (await (await fetch(`${controlUrl}/status`)).json()) as { functions: FunctionStatus[] };
  const found = functions.find((one) => one.name === name);
  if (!found) throw new Error(`no function ${name}`);
  return found;
}

/** Asks until an environment of the function is in that state. */
export async function environmentIn(router: Router, name: string, state: string): Promise<EnvironmentStatus> {
  for (;;) {
    const { environments } = await statusOf(router, name);
    const found = environments.find((one) => one.state === state);
    if (found) return found;
  }
}

/** Resolves when there is no such process any more. */
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

/** A JSON answer's value. */
export async function json(response: Promise<Response>): Promise<Record<string, unknown>> {
  return (await response).json() as Promise<Record<string, unknown>>;
}
