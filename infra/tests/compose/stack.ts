/** Starts a compose stack for a test, with its own project name, ports and images, and removes all of it afterwards. */
import { type ExecFileException, execFile } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

export interface Output {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a docker command. @returns its stdout @throws Error with the end of its stderr when it fails */
export async function docker(args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { code, stdout, stderr } = await tryDocker(args, env);
  if (code !== 0) throw new Error(`docker ${args.join(' ')} ended with ${code}:\n${stderr.slice(-4000)}`);
  return stdout;
}

/** Runs a docker command. @param input for its standard input */
export function tryDocker(args: string[], env: NodeJS.ProcessEnv = {}, input = ''): Promise<Output> {
  return new Promise((resolve) => {
    const options = { cwd: root, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile('docker', args, options, (error: ExecFileException | null, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
      resolve({ code, stdout, stderr: stderr || (error?.message ?? '') });
    });
    child.stdin?.end(input);
  });
}

/** @returns why no Docker engine can be used; undefined when one answers */
export async function engineMissing(): Promise<string | undefined> {
  const { code, stderr } = await tryDocker(['version', '--format', '{{.Server.Version}}']);
  return code === 0 ? undefined : `no Docker engine answers: ${stderr.trim().split('\n').at(-1)}`;
}

export class Stack {
  readonly project: string;
  readonly env: NodeJS.ProcessEnv;
  readonly api: string;
  readonly invoke: string;
  readonly status: string;
  readonly site: string;

  private constructor(ports: { api: number; lambda: number; status: number; site: number }, name: string | undefined) {
    const project = process.env.COMPOSE_TEST_PROJECT || `cadastro-test-${process.pid}`;
    this.project = name === undefined ? project : `${project}-${name}`;
    this.env = {
      COMPOSE_ANSI: 'never',
      PUBLISH_ADDRESS: '127.0.0.1',
      PORT: String(ports.api),
      LAMBDA_PORT: String(ports.lambda),
      STATUS_PORT: String(ports.status),
      SITE_PORT: String(ports.site),
    };
    this.api = `http://127.0.0.1:${ports.api}`;
    this.invoke = `http://127.0.0.1:${ports.lambda}`;
    this.status = `http://127.0.0.1:${ports.status}`;
    this.site = `http://127.0.0.1:${ports.site}`;
  }

  /** @param name tells the stack from others of the same test run */
  static async create(name?: string): Promise<Stack> {
    const [api = 0, lambda = 0, status = 0, site = 0] = await freePorts(4);
    return new Stack({ api, lambda, status, site }, name);
  }

  compose(...args: string[]): Promise<string> {
    return docker(['compose', '-p', this.project, ...args], this.env);
  }

  /** Runs a program in a new container of a service, which ends with it. */
  run(service: string, command: string[], input = ''): Promise<Output> {
    return tryDocker(
      ['compose', '-p', this.project, 'run', '--rm', '--no-deps', '-T', service, ...command],
      this.env,
      input,
    );
  }

  /** Runs a program in the running container of a service. */
  exec(service: string, ...command: string[]): Promise<Output> {
    return tryDocker(['compose', '-p', this.project, 'exec', '-T', service, ...command], this.env);
  }

  /** @returns the output of `docker inspect` for the container of a service */
  async inspect(service: string): Promise<Container> {
    const id = (await this.compose('ps', '--all', '--quiet', service)).trim();
    const [container] = JSON.parse(await docker(['inspect', id])) as Container[];
    if (!container) throw new Error(`${service} has no container`);
    return container;
  }

  async remove(): Promise<void> {
    await this.compose('down', '--volumes', '--rmi', 'local', '--remove-orphans', '--timeout', '10');
  }
}

/** The parts of `docker inspect` that the tests read. */
export interface Container {
  Id: string;
  Image: string;
  Config: { User: string };
  HostConfig: { ReadonlyRootfs: boolean; CapDrop: string[]; SecurityOpt: string[]; Memory: number; PidsLimit: number };
  State: { Running: boolean; ExitCode: number; Health?: { Status: string } };
  NetworkSettings: {
    Networks: Record<string, { IPAddress: string }>;
    Ports: Record<string, { HostIp: string; HostPort: string }[] | null>;
  };
}

/** @returns different free ports, because all of them are open at the same time */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
