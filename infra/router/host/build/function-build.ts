/** The code of one function of a project: built, and built again when its sources change. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { nodeMajorOf } from '../node-runtime.ts';
import type { Notice, ProjectFunction } from '../project.ts';
import { BundleError, Bundler, supportedBuildOptions } from './bundle.ts';
import { isTooLarge, maxFolderEntries } from './folder-size.ts';
import { findHandlerSource, type HandlerSource, handlerFileNames } from './handler-source.ts';
import { writeTaskRoot } from './task-root.ts';

/** Code that the router can run. */
export interface FunctionCode {
  /** Absolute path of LAMBDA_TASK_ROOT. */
  taskRoot: string;
  /** "path/file.export" below the task root. */
  handler: string;
  /** In base64. Another value makes the router start the function again. */
  sha256: string;
}

/** Settings that all builds of a project share. */
export interface FunctionBuildOptions {
  /** Absolute path of the project. */
  projectFolder: string;
  /** Absolute path of the folder for the builds of all functions. */
  buildFolder: string;
  /** Shortens an absolute path for messages. */
  showPath(path: string): string;
}

/** Extensions of files whose change starts a function again that runs from its own folder. */
const restarting = /\.(js|mjs|cjs|json|node)$/;

/** Builds one function whenever it is asked to. Code that does not build leaves the last code in its place. */
export class FunctionBuild {
  definition: ProjectFunction;
  /** Undefined until the first build. */
  code: FunctionCode | undefined;
  /** Why the last build failed, one line each; empty when it succeeded. */
  faults: string[] = [];
  /** Warnings of the last build, one line each. */
  warnings: string[] = [];
  /** Whether a build has succeeded. */
  hasCode = false;

  readonly #options: FunctionBuildOptions;
  /** Each build has a folder here, which its content names. */
  readonly #outputFolder: string;
  #bundler: Bundler | undefined;
  /** Absolute paths of the last bundle's sources. */
  #inputs = new Set<string>();
  /** Absolute paths of the builds that are there, the last one at the end. */
  #taskRoots: string[] = [];
  #isBundled = false;
  /** Absolute paths of its folders that nobody could watch. */
  #tooLarge: string[] = [];
  #revision = 0;

  constructor(definition: ProjectFunction, options: FunctionBuildOptions) {
    this.definition = definition;
    this.#options = options;
    this.#outputFolder = join(options.buildFolder, definition.name);
  }

  /** Takes what the description says now. @returns whether the code has to be built again */
  async redefine(given: ProjectFunction): Promise<boolean> {
    // The code of before goes on, so its routes and their authorizers must, too: what can't be read would open them.
    const definition = given.fault && this.hasCode ? { ...this.definition, fault: given.fault } : given;
    const isSame = isDeepStrictEqual(buildSettings(definition), buildSettings(this.definition));
    this.definition = definition;
    if (!isSame) await this.stop();
    return !isSame;
  }

  /** @param paths absolute paths of files that were changed, added or removed */
  isAffectedBy(paths: string[]): boolean {
    // Any change may be the one that mends the code.
    if (this.faults.length > 0) return true;
    const { codeFolder } = this.definition;
    const own = paths.filter((path) => path.startsWith(codeFolder + sep));
    if (!this.#isBundled) return own.some((path) => restarting.test(path));
    // A new asset needs a link in the task root.
    const isNew = (path: string) => !existsSync(join(this.code?.taskRoot ?? '', relative(codeFolder, path)));
    return paths.some((path) => this.#inputs.has(path)) || own.some((path) => existsSync(path) && isNew(path));
  }

  /** @returns absolute paths of the folders and files that the code depends on, without installed packages */
  sources(): string[] {
    const { codeFolder, layers } = this.definition;
    return [
      ...[codeFolder, ...layers].filter((folder) => !this.#tooLarge.includes(folder)),
      ...[...this.#inputs].filter((path) => !/[\\/]node_modules[\\/]/.test(path)),
    ];
  }

  /** Builds the code. A failure shows in `faults`. */
  async build(): Promise<void> {
    this.faults = [];
    this.warnings = [];
    try {
      this.code = await this.#build();
      this.hasCode = true;
    } catch (error) {
      if (!(error instanceof BundleError)) throw error;
      this.faults = error.messages;
      if (!this.hasCode) this.code = this.codeThatFails(error.message);
    }
  }

  /** Removes earlier builds. The last two stay, because a process of the earlier one may still read its files. */
  removeOldBuilds(): void {
    for (const taskRoot of this.#taskRoots.splice(0, this.#taskRoots.length - 2)) {
      rmSync(taskRoot, { recursive: true, force: true });
    }
  }

  /** Ends esbuild's work for this function. */
  async stop(): Promise<void> {
    await this.#bundler?.stop();
    this.#bundler = undefined;
  }

  /** @returns "file:line: message" */
  lineOf({ file, line, message }: Notice): string {
    return `${this.#options.showPath(join(this.#options.projectFolder, file))}:${line}: ${message}`;
  }

  async #build(): Promise<FunctionCode> {
    const { codeFolder, handler, layers, packaging, place } = this.definition;
    this.#tooLarge = [codeFolder, ...layers].filter((folder) => isTooLarge(folder));
    const [large] = this.#tooLarge;
    if (large !== undefined) {
      const amount = maxFolderEntries.toLocaleString('en');
      const message = `the folder ${large} has more than ${amount} files: name the folder of the function's own code`;
      throw new BundleError([this.lineOf({ ...place, message })]);
    }
    if (this.definition.fault) throw new BundleError([this.lineOf(this.definition.fault)]);
    const source = findHandlerSource(codeFolder, handler, packaging);
    if (source === undefined) {
      const where = this.#options.showPath(codeFolder);
      const message = `the handler "${handler}" has no file ${handlerFileNames(handler, packaging)} in ${where}`;
      throw new BundleError([this.lineOf({ ...place, message })]);
    }
    this.#isBundled = packaging === 'bundle' || (packaging === 'auto' && source.isTypeScript);
    if (this.#isBundled) return this.#bundle(source);
    // The revision tells the router that a file changed which the handler loads.
    const hash = createHash('sha256')
      .update(readFileSync(source.file))
      .update(String(this.#revision++));
    return { taskRoot: codeFolder, handler, sha256: hash.digest('base64') };
  }

  async #bundle({ file, module }: HandlerSource): Promise<FunctionCode> {
    const { codeFolder, handler, buildOptions, layers, settings, place } = this.definition;
    const { projectFolder, showPath } = this.#options;
    this.#bundler ??= new Bundler(
      {
        ...{ file, module, buildOptions, layers, folder: projectFolder, showPath },
        nodeMajor: nodeMajorOf(settings.runtime),
      },
      // Relative paths in source maps are the same from here as from the task root.
      join(this.#outputFolder, 'build'),
    );
    const { files, sha256, inputs, warnings } = await this.#bundler.build();
    this.#inputs = new Set(inputs);
    const unknown = Object.keys(buildOptions).filter((option) => !supportedBuildOptions.includes(option));
    const message = `esbuild's options ${unknown.join(', ')} are left out`;
    this.warnings = unknown.length > 0 ? [this.lineOf({ ...place, message }), ...warnings] : warnings;
    const taskRoot = join(this.#outputFolder, Buffer.from(sha256, 'base64').toString('hex', 0, 8));
    writeTaskRoot(taskRoot, codeFolder, files);
    this.#taskRoots = [...this.#taskRoots.filter((one) => one !== taskRoot), taskRoot];
    return { taskRoot, handler, sha256 };
  }

  /** Makes code whose INIT fails with a message, so that the function's routes answer 502 and the log says why. */
  codeThatFails(message: string): FunctionCode {
    const taskRoot = join(this.#outputFolder, 'fault');
    mkdirSync(taskRoot, { recursive: true });
    const code = `throw Object.assign(new Error(${JSON.stringify(message)}), { name: 'Host.BuildFailed', stack: '' });\n`;
    writeFileSync(join(taskRoot, 'handler.cjs'), code);
    return { taskRoot, handler: 'handler.handler', sha256: createHash('sha256').update(code).digest('base64') };
  }
}

/** @returns the part of a definition on which the code depends */
function buildSettings(definition: ProjectFunction): unknown {
  const { codeFolder, handler, packaging, buildOptions, layers, settings, fault } = definition;
  return [codeFolder, handler, packaging, buildOptions, layers, settings.runtime, fault];
}
