/** Routers of several processes for tests, on the fixtures, and what they say of themselves. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { type Gate, openableGate } from '../support/gate.ts';
import { type Router, startRouter } from '../support/router.ts';

const fixtures = join(import.meta.dirname, '../../../dist/fixtures');

export interface FunctionStatus {
  name: string;
  environments: { id: string; pid: number; state: string }[];
  invocations: number;
  throttles: number;
  inFlight: number;
}

export interface Status {
  pid: number;
  processes: { pid: number }[];
  functions: FunctionStatus[];
}

type Configuration = Record<string, unknown> & { name: string };

/** The fixtures' build with a manifest of its own, in which every function's limit is enough for two processes. */
export class Build {
  readonly folder = mkdtempSync(join(tmpdir(), 'cadastro-processes-'));

  constructor() {
    symlinkSync(join(fixtures, 'functions'), join(this.folder, 'functions'));
    this.write((configuration) =>
      configuration.reservedConcurrentExecutions === 1
        ? { ...configuration, reservedConcurrentExecutions: 2 }
        : configuration,
    );
  }

  /** Changes each function's configuration, from what the fixtures have. */
  write(change: (configuration: Configuration) => Configuration): void {
    const configurations = JSON.parse(readFileSync(join(fixtures, 'functions.json'), 'utf8')) as Configuration[];
    writeFileSync(join(this.folder, 'functions.json'), JSON.stringify(configurations.map(change)));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Two router processes on the fixtures, which end with the test. */
export async function twoProcesses(t: TestContext, env: Record<string, string> = {}): Promise<Router> {
  const build = new Build();
  t.after(() => build.remove());
  const router = await startRouter({ env: { ROUTER_PROCESSES: '2', DIST_FOLDER: build.folder, ...env } });
  t.after(() => router.stop());
  return router;
}

/** Asks over a connection of its own: connections go to the processes in turn. */
export async function ask(url: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const [response] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: (await json(response)) as Record<string, unknown> };
}

export async function statusOf({ controlUrl }: Router): Promise<Status> {
  return (await ask(`${controlUrl}/status`)).body as unknown as Status;
}

export async function functionOf(router: Router, name: string): Promise<FunctionStatus> {
  const found = (await statusOf(router)).functions.find((one) => one.name === name);
  if (!found) throw new Error(`no function ${name}`);
  return found;
}

/** Every process that a router has, but for the supervisor. */
export async function pidsOf(router: Router): Promise<number[]> {
  const { processes, functions } = await statusOf(router);
  return [...processes, ...functions.flatMap(({ environments }) => environments)].map(({ pid }) => pid);
}

/** Keeps a request in flight in each of the two processes. @returns the answers, and the gate to open before them */
export async function holdBoth(
  t: TestContext,
  router: Router,
): Promise<{ held: ReturnType<typeof ask>[]; gate: Gate }> {
  const gate = await openableGate(t);
  const held = [0, 1].map(() => ask(`${router.url}/slow?gate=${gate.url}`));
  await gate.arrived(2);
  return { held, gate };
}
