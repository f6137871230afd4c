/** The command `host`: builds the functions of another project, serves them by the router, and builds again what changes. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { ConfigurationError } from '../config.ts';
import { missingPackage } from '../runtime/missing-package.ts';
import { type HostArguments, help, type ProjectKind, parseArguments, UsageError } from './arguments.ts';
import { isTooLarge, maxFolderEntries } from './build/folder-size.ts';
import { readFolder } from './folder/read-folder.ts';
import { commonVariables, readDotenv } from './function-environment.ts';
import { HostedProject, type ProjectUpdate } from './hosted-project.ts';
import { type Place, type Project, ProjectError, type ReadProject } from './project.ts';
import { routeTable, say } from './report.ts';
import { type RouterLogEntry, RouterProcess } from './router-process.ts';
import { readSam } from './sam/read-sam.ts';
import { readServerless } from './serverless/read-serverless.ts';
import { type FolderWatch, watchFolders } from './watch-folders.ts';
import type { HostEnvironment } from './write-manifest.ts';

/** Where the command runs. */
export interface HostContext {
  env: NodeJS.ProcessEnv;
  /** Absolute path where relative paths of the command line start. */
  cwd: string;
  /** Absolute path of the folder with the built router. */
  routerFolder: string;
}

/** Which reader reads each kind of description. */
const readers: Record<ProjectKind, ReadProject> = { folder: readFolder, sam: readSam, serverless: readServerless };

/** Settings of the router that fit one developer: AWS's own limits, answers that explain, and no ports that nobody asked for. */
const routerDefaults = { STATUS_PORT: '0', MAX_PAYLOAD_BYTES: '6291456', MAX_WAIT_MS: '30000', SHOW_INIT_ERRORS: 'on' };

/** A second Ctrl-C within this time is the same one: it arrives from the terminal and again from npm. */
const sameSignalMs = 1000;

/**
 * Runs the command until the router ends.
 * @param args without the program's name
 * @returns the exit code: 2 for a wrong argument, a wrong setting or a project that can't be read
 */
export async function runHost(args: string[], context: HostContext): Promise<number> {
  try {
    const given = parseArguments(args, context.cwd);
    if (given === undefined) {
      process.stdout.write(help);
      return 0;
    }
    if (given.watches && isTooLarge(given.folder)) {
      const amount = maxFolderEntries.toLocaleString('en');
      throw new UsageError(
        `${given.folder} has more than ${amount} files: name the project's own folder, or use --no-watch`,
      );
    }
    return await new Host(given, context).run();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say(`${error.message}; --help lists the arguments`);
    return 2;
  }
}

class Host {
  readonly #given: HostArguments;
  readonly #context: HostContext;
  readonly #buildFolder = mkdtempSync(join(tmpdir(), 'cadastro-host-'));
  readonly #project: HostedProject;
  #router: RouterProcess | undefined;
  /** Resolves once every later save counts. */
  #watching: Promise<FolderWatch | undefined> = Promise.resolve(undefined);
  /** When the last save came, by performance.now(). */
  #savedAt = 0;

  constructor(given: HostArguments, context: HostContext) {
    this.#given = given;
    this.#context = context;
    process.once('exit', () => rmSync(this.#buildFolder, { recursive: true, force: true }));
    this.#project = new HostedProject({
      projectFolder: given.folder,
      buildFolder: this.#buildFolder,
      showPath: this.#showPath,
      read: () => this.#read(),
      environment: () => this.#environment(),
    });
  }

  async run(): Promise<number> {
    this.#stopAtSignals();
    const begunAt = Date.now();
    const update = await this.#update();
    if (update === undefined || update.routeFaults.length > 0) return 2;
    const milliseconds = Date.now() - begunAt;
    say(`${countOf(update.functions.length)} of ${this.#showPath(this.#given.path)}, built in ${milliseconds} ms:`);
    for (const line of routeTable(update.functions, this.#showPath)) say(line);
    const env = this.#routerEnvironment(update.region);
    const schedules = update.functions.flatMap(({ configuration }) => configuration.schedules);
    if (schedules.length > 0 && env.SCHEDULES !== 'on') {
      say(
        `${schedules.length === 1 ? '1 schedule does' : `${schedules.length} schedules do`} not run: --schedules runs them.`,
      );
    }
    const router = new RouterProcess({
      file: join(this.#context.routerFolder, 'main.mjs'),
      env,
      onEntry: (entry) => this.#hear(entry),
    });
    this.#router = router;
    // Otherwise the router would outlive a host that fails.
    process.once('exit', () => router.stop());
    if (this.#given.watches) this.#watching = this.#watch(begunAt);
    const code = await router.exited;
    await (await this.#watching)?.close();
    await this.#project.stop();
    return code;
  }

  /** Builds what has changed, and prints what is wrong. @returns undefined when the description can't be read */
  async #update(paths?: string[]): Promise<ProjectUpdate | undefined> {
    try {
      const update = await this.#project.update(paths);
      for (const line of update.messages) say(line);
      return update;
    } catch (error) {
      if (error instanceof ProjectError) say(`${this.#placeOf(error.place)}: ${error.message}`);
      else if (error instanceof ConfigurationError) say(error.message);
      else throw error;
      return undefined;
    }
  }

  /** @param since milliseconds since 1970: every save after this time counts */
  async #watch(since: number): Promise<FolderWatch> {
    let watched = this.#project.folders();
    let taking = Promise.resolve();
    const take = async (paths: string[]) => {
      // The project's folder may be gone, or be half written by a checkout.
      await this.#take(paths).catch((error: Error) => say(`The save is not taken: ${error.message}`));
      const folders = this.#project.folders();
      // The watcher can miss a change of a path that is added again.
      const added = folders.filter((path) => !watched.includes(path));
      if (added.length > 0) watcher.add(added);
      watched = folders;
    };
    const onChange = (paths: string[]) => {
      this.#savedAt = performance.now();
      taking = taking.then(() => take(paths));
    };
    const watcher = await watchFolders(watched, onChange, since);
    return watcher;
  }

  /** Takes a save. Code that does not build leaves the old code serving. */
  async #take(paths: string[]): Promise<void> {
    const begunAt = performance.now();
    const update = await this.#update(paths);
    if (update === undefined || update.routeFaults.length > 0) return;
    if (update.built.length > 0) {
      say(`Built ${update.built.join(', ')} in ${Math.round(performance.now() - begunAt)} ms.`);
    }
    if (update.isChanged) this.#router?.reload();
  }

  #read(): Promise<Project> {
    const { kind, path, parameters, stage } = this.#given;
    return readers[kind](path, { parameters, stage, environment: this.#environmentVariables() });
  }

  #environment(): HostEnvironment {
    const { routerFolder, env } = this.#context;
    const sdkFolder = findUpwards(routerFolder, join('node_modules', '@aws-sdk'));
    return {
      common: commonVariables(this.#given.kind, this.#dotenv(), env),
      given: this.#given.variables,
      packagesFile: join(routerFolder, 'packages.cjs'),
      sdkFolder: sdkFolder && dirname(sdkFolder),
    };
  }

  /** The variables of .env, of the shell and of the command line, where a later one wins. */
  #environmentVariables(): Record<string, string> {
    const { AWS_REGION } = this.#given.settings;
    return { ...this.#dotenv(), ...(this.#context.env as Record<string, string>), ...(AWS_REGION && { AWS_REGION }) };
  }

  #dotenv(): Record<string, string> {
    return readDotenv([this.#given.folder, this.#context.cwd], this.#context.env);
  }

  /** @param region of the project's description, which counts where nobody names one here */
  #routerEnvironment(region: string | undefined): NodeJS.ProcessEnv {
    const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ACCOUNT_ID } = this.#environmentVariables();
    return {
      ...routerDefaults,
      ...this.#context.env,
      ...(AWS_ACCOUNT_ID && { AWS_ACCOUNT_ID }),
      AWS_REGION: AWS_REGION || AWS_DEFAULT_REGION || region,
      ...this.#given.settings,
      // A hosted project brings authorizers of its own.
      ...{ AUTH: 'off', ALLOW_ANONYMOUS: '1' },
      DIST_FOLDER: this.#buildFolder,
    };
  }

  /** @returns whether the entry belongs to the log that the developer sees */
  #hear({ message, errorMessage, lambdaPort, functions }: RouterLogEntry): boolean {
    if (typeof message !== 'string') return true;
    if (message.startsWith('Listening at ')) {
      const invokeApi = lambdaPort ? `; Invoke API at http://127.0.0.1:${lambdaPort}` : '';
      void this.#watching.then((watcher) => say(`${message}${invokeApi}${watcher ? '; watching for changes' : ''}`));
      return false;
    }
    if (message === 'Reloaded') {
      this.#project.removeOldBuilds();
      const milliseconds = Math.round(performance.now() - this.#savedAt);
      say(`Serving the new code of ${countOf(functions)} ${milliseconds} ms after the save.`);
      return false;
    }
    const name = missingPackage(errorMessage ?? '');
    if (message === 'INIT failed' && name) say(`The package "${name}" is missing: npm install ${name}`);
    return true;
  }

  #stopAtSignals(): void {
    let stoppingSince: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (stoppingSince === undefined && this.#router) this.#router.stop();
        else if (stoppingSince === undefined) process.exit(0);
        else if (performance.now() - stoppingSince > sameSignalMs) process.exit(1);
        stoppingSince ??= performance.now();
      });
    }
  }

  #placeOf({ file, line }: Place): string {
    return `${this.#showPath(join(this.#given.folder, file))}:${line}`;
  }

  readonly #showPath = (path: string) => relative(this.#context.cwd, path) || '.';
}

function countOf(functions = 0): string {
  return functions === 1 ? '1 function' : `${functions} functions`;
}

/** @returns the first path of this name at or above a folder */
function findUpwards(folder: string, name: string): string | undefined {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  return dirname(folder) === folder ? undefined : findUpwards(dirname(folder), name);
}
