/** Local hosts as contenders: each serves its own copy of the bench's project, from its own description of it. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../tests/support/ports.ts';
import { type Contender, root, type StartObserver, start, startProgram } from './contender.ts';
import { offlineCommand } from './serverless-offline.ts';

/** A contender that serves the bench's project. */
export interface ProjectHost extends Contender {
  /** Its copy of the project. A measurement may change sources there. */
  project: string;
}

const run = promisify(execFile);
const bench = join(import.meta.dirname, '..');
/** Below the bench's package, so that serverless finds its plugin. */
const projects = join(bench, 'results/projects');
const installed = join(root, 'dist/bench/cadastro-host');

/**
 * Packs the package cadastro-host and installs it in an empty folder.
 * @returns the path of its command
 */
export async function installHost(): Promise<string> {
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, 'package.json'), '{"private": true}');
  // npm's settings of this run would make it act on the wrong folder.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  const packed = await run('npm', ['pack', '--pack-destination', installed], { cwd: join(root, 'infra/router'), env });
  const tarball = packed.stdout.trim().split('\n').at(-1) as string;
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`];
  await run('npm', install, { cwd: installed, env });
  return join(installed, 'node_modules/.bin/cadastro-host');
}

/** @param command of the installed package */
export function cadastroHost(command: string): ProjectHost {
  const project = copyProject('cadastro-host');
  return host('cadastro-host', 'cadastro-host template.yaml', project, (port) => ({
    args: [command, join(project, 'template.yaml'), '--port', port, '--lambda-port', '0'],
    env: {},
  }));
}

/** serverless-offline with all functions in its own process, where it starts and answers fastest. */
export function offlineHost(): ProjectHost {
  const project = copyProject('offline-host');
  return host('offline-host', 'serverless-offline, in process', project, (port, lambdaPort) => ({
    args: [offlineCommand, 'offline', 'start', '--useInProcess', '--httpPort', port, '--lambdaPort', lambdaPort],
    env: { SLS_TELEMETRY_DISABLED: '1' },
  }));
}

function copyProject(name: string): string {
  const folder = join(projects, name);
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(bench, 'project'), folder, { recursive: true });
  return folder;
}

function host(
  name: string,
  title: string,
  project: string,
  program: (port: string, lambdaPort: string) => { args: string[]; env: Record<string, string> },
): ProjectHost {
  return {
    name,
    title,
    project,
    hasFullApi: false,
    start: (node = process.execPath, observer?: StartObserver) =>
      start(name, { redis: false }, async ({ log }) => {
        const [port, lambdaPort] = await Promise.all([freePort(), freePort()]);
        const url = `http://localhost:${port}`;
        const { args, env } = program(String(port), String(lambdaPort));
        const options = {
          command: node,
          args,
          cwd: project,
          env: { PATH: `${dirname(node)}:${process.env.PATH}`, ...env },
          log,
        };
        return { url, program: await startProgram(options, `${url}/hello`, observer) };
      }),
  };
}
