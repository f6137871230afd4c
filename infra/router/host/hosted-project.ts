/** A project that the host builds: reads its description, builds its functions and writes the router's manifest. */
import { join, sep } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { FunctionBuild, type FunctionBuildOptions } from './build/function-build.ts';
import type { Project, ProjectFunction } from './project.ts';
import {
  type HostEnvironment,
  type HostedFunction,
  hostedFunction,
  routeFaults,
  writeManifest,
} from './write-manifest.ts';

/** The findings and builds of one look at the project. */
export interface ProjectUpdate {
  /** Of the description. */
  region: string | undefined;
  functions: HostedFunction[];
  /** Names of the functions whose code was built. */
  built: string[];
  /** Faults of the routes, one line each. With any, the manifest stays as it was. */
  routeFaults: string[];
  /** Notices of the description, and what the builds and the routes have shown, one line each. Repeated ones are left out. */
  messages: string[];
  /** Whether the router has to read the manifest. */
  isChanged: boolean;
}

/** Collaborators of a hosted project. */
export interface HostedProjectOptions extends FunctionBuildOptions {
  /** Reads the description anew. @throws {ProjectError} */
  read(): Promise<Project>;
  /** Reads the variables anew. */
  environment(): HostEnvironment;
}

/** Builds a project again and again. A build that fails leaves the manifest's last entry in its place. */
export class HostedProject {
  readonly #options: HostedProjectOptions;
  #builds = new Map<string, FunctionBuild>();
  #entries: unknown;
  /** Messages of the last look. */
  #messages = new Set<string>();

  constructor(options: HostedProjectOptions) {
    this.#options = options;
  }

  /**
   * Builds what has changed since the last call, and writes the manifest.
   * @param paths absolute paths of changed files; undefined builds all functions
   * @throws {ProjectError} when the description can't be read
   */
  async update(paths?: string[]): Promise<ProjectUpdate> {
    const { folder, region, functions, notices } = await this.#options.read();
    const builds = new Map<string, FunctionBuild>();
    const pending: FunctionBuild[] = [];
    for (const definition of functions) {
      const { build, isChanged } = await this.#buildOf(definition);
      builds.set(definition.name, build);
      if (isChanged || paths === undefined || build.isAffectedBy(paths)) pending.push(build);
    }
    for (const [name, build] of this.#builds) if (!builds.has(name)) await build.stop();
    this.#builds = builds;
    await Promise.all(pending.map((build) => build.build()));

    const environment = this.#options.environment();
    const runnable = [...builds.values()].filter(({ hasCode }) => hasCode).map(({ definition }) => definition.name);
    const hosted = [...builds.values()].map((build) => hostedFunction(build, environment, runnable));
    const faults = routeFaults(hosted);
    const messages = [
      ...notices.map(({ file, line, message }) => `${this.#options.showPath(join(folder, file))}:${line}: ${message}`),
      ...hosted.flatMap(({ build, refusals }) => [
        ...build.faults.map((fault) => `${build.definition.name} fails: ${fault}`),
        ...build.warnings,
        ...refusals,
      ]),
      ...faults,
    ];
    return {
      region,
      functions: hosted,
      built: pending.filter(({ faults }) => faults.length === 0).map(({ definition }) => definition.name),
      routeFaults: faults,
      messages: this.#newOnes(messages),
      isChanged: faults.length === 0 && this.#publish(hosted),
    };
  }

  /** @returns absolute paths of the folders and files on which the project depends */
  folders(): string[] {
    const { projectFolder } = this.#options;
    const paths = [...this.#builds.values()].flatMap((build) => build.sources());
    return [projectFolder, ...new Set(paths.filter((path) => !path.startsWith(projectFolder + sep)))];
  }

  /** Removes builds that no process can use any more. */
  removeOldBuilds(): void {
    for (const build of this.#builds.values()) build.removeOldBuilds();
  }

  /** Ends esbuild's work for the project. */
  async stop(): Promise<void> {
    await Promise.all([...this.#builds.values()].map((build) => build.stop()));
  }

  async #buildOf(definition: ProjectFunction): Promise<{ build: FunctionBuild; isChanged: boolean }> {
    const known = this.#builds.get(definition.name);
    if (known) return { build: known, isChanged: await known.redefine(definition) };
    return { build: new FunctionBuild(definition, this.#options), isChanged: true };
  }

  #newOnes(messages: string[]): string[] {
    const known = this.#messages;
    this.#messages = new Set(messages);
    return [...this.#messages].filter((message) => !known.has(message));
  }

  /** @returns whether the manifest has changed */
  #publish(functions: HostedFunction[]): boolean {
    const entries = functions.map(({ entry }) => entry);
    if (isDeepStrictEqual(entries, this.#entries)) return false;
    this.#entries = entries;
    writeManifest(this.#options.buildFolder, functions);
    return true;
  }
}
