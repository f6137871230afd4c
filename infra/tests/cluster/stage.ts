/** Starts routers of two processes on the fixtures, and reads their status. */
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

/** The part of a function's entry in /status that the tests read. */
export interface FunctionStatus {
  name: string;
  environments: { id: string; pid: number; state: string }[];
  invocations: number;
  throttles: number;
  inFlight: number;
}

/** The part of /status that the tests read. */
export interface Status {
  pid: number;
  processes: { pid: number }[];
  functions: FunctionStatus[];
}

type Configuration = Record<string, unknown> & { name: string };

/** The fixtures' build with a manifest of its own, in which each limit is high enough for two router processes. */
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

  /** Writes the manifest anew. @param change gets each function's configuration in the fixtures */
  write(change: (configuration: Configuration) => Configuration): void {
    const configurations = JSON.parse(readFileSync(join(fixtures, 'functions.json'), 'utf8')) as Configuration[];
    writeFileSync(join(this.folder, 'functions.json'), JSON.stringify(configurations.map(change)));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Starts two router processes on the fixtures, which end with the test. */
export async function twoProcesses(t: TestContext, env: Record<string, string> = {}): Promise<Router> {
  const build = new Build();
  t.after(() => build.remove());
  const router = await startRouter({ env: { ROUTER_PROCESSES: '2', DIST_FOLDER: build.folder, ...env } });
  t.after(() => router.stop());
  return router;
}

/** Sends a GET over a connection of its own, because connections go to the processes in turn. */
export async function ask(url: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const [response] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: (await json(response)) as Record<string, unknown> };
}

/** @returns the router's /status */
export async function statusOf({ statusUrl }: Router): Promise<Status> {
  return (await ask(`${statusUrl}/status`)).body as unknown as Status;
}

/** @returns a function's entry in /status */
export async function functionOf(router: Router, name: string): Promise<FunctionStatus> {
  const found = (await statusOf(router)).functions.find((one) => one.name === name);
  if (!found) throw new Error(`no function ${name}`);
  return found;
}

/** @returns the ids of all processes of a router, without the supervisor */
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
