/** Reads a folder of handlers: each sub-folder with a handler or a function.json is one function. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { withDefaults } from '../../function-defaults.ts';
import { type Notice, ProjectError, type ProjectFunction, type ReadProject } from '../project.ts';
import { readText } from '../read-text.ts';

/** Extensions of a handler's file, in the order in which they count. */
const handlerExtensions = ['.ts', '.mts', '.js', '.mjs', '.cjs'];

/** Names of a handler's file where function.json names none: ours, that of Lambda's console, that of SAM's templates. */
const handlerNames = ['handler', 'index', 'app'];

const functionFile = 'function.json';
const defaultsFile = 'defaults.json';

/** Fields of the manifest that the host writes itself. */
const hostFields = ['name', 'code', 'codeSha256'];

/**
 * Reads the functions of a folder. A sub-folder is a function if it has a file handler.{ts,mts,js,mjs,cjs} or a function.json.
 * Without a `route` in function.json it answers all methods at /<sub-folder>. If the folder itself has a handler, that one
 * answers every other path.
 * @throws {ProjectError} when the folder has no function, or its defaults.json can't be read
 */
export const readFolder: ReadProject = async (folder) => {
  const defaults = readSettings(folder, defaultsFile);
  if ('message' in defaults) throw new ProjectError(defaults.message, defaults);
  const notices: Notice[] = [];
  const functions: ProjectFunction[] = [];
  const subfolders = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort();
  for (const name of subfolders) {
    if (!isFunction(join(folder, name))) continue;
    if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
      functions.push(
        readFunction({ folder, subfolder: name, name, route: `ANY /${name}`, defaults: defaults.settings }),
      );
      continue;
    }
    const message = 'the function is left out: name its folder with 1 to 64 letters, digits, - and _';
    notices.push({ file: name, line: 1, message });
  }
  if (isFunction(folder) || (functions.length === 0 && findHandler(folder) !== undefined)) {
    const name =
      basename(folder)
        .replaceAll(/[^A-Za-z0-9_-]/g, '-')
        .slice(0, 64) || 'function';
    const isTaken = functions.some((one) => one.name === name);
    const own = { folder, subfolder: '', name: isTaken ? `${name.slice(0, 59)}-root` : name, route: '$default' };
    functions.push(readFunction({ ...own, defaults: defaults.settings }));
  }
  if (functions.length === 0) {
    const message = `there is no function: each one has a folder with handler${handlerExtensions.join(', handler')} or ${functionFile}`;
    throw new ProjectError(message, { file: '.', line: 1 });
  }
  return { folder, functions, notices };
};

/** Tells whether a folder is meant as a function. A file index.ts alone does not say so: libraries have one, too. */
function isFunction(folder: string): boolean {
  return existsSync(join(folder, functionFile)) || findFile(folder, ['handler']) !== undefined;
}

interface FunctionSource {
  /** The project's folder. */
  folder: string;
  /** Empty for the function in the project's folder itself. */
  subfolder: string;
  name: string;
  /** Route key where function.json has none. */
  route: string;
  defaults: Record<string, unknown>;
}

function readFunction({ folder, subfolder, name, route, defaults }: FunctionSource): ProjectFunction {
  const file = join(subfolder, functionFile);
  const own = readSettings(folder, file);
  const codeFolder = join(folder, subfolder);
  const { handler, ...settings } = withDefaults(defaults, 'message' in own ? {} : own.settings);
  const place = { file: existsSync(join(folder, file)) ? file : subfolder || '.', line: 1 };
  const found = typeof handler === 'string' ? handler : findHandler(codeFolder);
  const noHandler = { ...place, message: `there is no handler${handlerExtensions.join(', handler')}` };
  return {
    name,
    place,
    codeFolder,
    handler: found ?? 'handler.handler',
    packaging: 'auto',
    buildOptions: {},
    layers: [],
    settings,
    routes:
      'route' in settings
        ? []
        : [{ key: route, api: 'http', stage: '$default', payloadFormatVersion: '2.0', authorizer: undefined }],
    variables: {},
    schedules: [],
    fault: 'message' in own ? own : found === undefined ? noHandler : undefined,
  };
}

/** @returns the handler of the first file that a folder has, such as "index.handler" */
function findHandler(folder: string): string | undefined {
  const found = findFile(folder, handlerNames);
  return found && `${found}.handler`;
}

function findFile(folder: string, names: string[]): string | undefined {
  return names.find((name) => handlerExtensions.some((extension) => existsSync(join(folder, name + extension))));
}

/** @returns the settings, empty where there is no file, or why they can't be read */
function readSettings(folder: string, file: string): { settings: Record<string, unknown> } | Notice {
  if (!existsSync(join(folder, file))) return { settings: {} };
  let text = '';
  try {
    text = readText(join(folder, file), { file, line: 1 });
    const settings = JSON.parse(text);
    if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
      return { file, line: 1, message: 'it takes an object of settings' };
    }
    const field = hostFields.find((one) => one in settings);
    if (field === undefined) return { settings };
    const line = text.slice(0, text.indexOf(`"${field}"`)).split('\n').length;
    return { file, line, message: `remove "${field}": the folder's name is the function's name` };
  } catch (error) {
    const { message } = error as Error;
    const line = Number(/\(line (\d+) column \d+\)/.exec(message)?.[1] ?? 1);
    return { file, line, message };
  }
}
