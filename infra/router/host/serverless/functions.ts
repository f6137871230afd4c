/** Reads the functions of a service, without their events. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isFunctionName } from '../cloudformation/resource-values.ts';
import { type Fields, fieldsOf, isFields, listOf, placeOf } from '../description/places.ts';
import { readPart } from '../description/read-part.ts';
import { chooseRuntime } from '../description/runtime.ts';
import { integerSetting } from '../description/settings.ts';
import { variablesOf } from '../description/variables.ts';
import { ProjectError, type ProjectFunction } from '../project.ts';
import type { ServiceContext } from './context.ts';
import { layerName } from './logical-ids.ts';
import type { Packaging } from './packaging.ts';

/** The framework's own values where serverless.yml has none. */
const defaults = { runtime: 'nodejs20.x', timeoutSeconds: 6, memorySizeMb: 1024 };

/** Settings of a function that have an effect on AWS that somebody may miss here. */
const missed = ['destinations', 'fileSystemConfig', 'maximumEventAge', 'maximumRetryAttempts'];

/** A function and its part of the document. */
export interface FunctionSource {
  key: string;
  source: Fields;
  /** The object that holds the function, for its place. */
  container: Fields;
}

/**
 * Finds the functions of a service: `functions` is an object, or a list of objects.
 * @returns the functions in the document's order
 */
export function functionSources({ root, variables }: Pick<ServiceContext, 'root' | 'variables'>): FunctionSource[] {
  const place = placeOf(root, 'functions');
  const value = variables.shallow(root.functions, place);
  return listOf(value).flatMap((item, index) => {
    const container = variables.shallow(item, Array.isArray(value) ? placeOf(value, index) : place);
    if (!isFields(container)) return [];
    return Object.keys(container).map((key) => ({ key, source: variables.section(container, key), container }));
  });
}

/**
 * Reads one function.
 * @param context   of the service
 * @param source    the function in the document
 * @param packaging of the service
 */
export function readFunction(
  context: ServiceContext,
  { key, source, container }: FunctionSource,
  packaging: Packaging,
): ProjectFunction {
  const { notices, variables } = context;
  const place = placeOf(container, key);
  const one: ProjectFunction = {
    name: key,
    place,
    codeFolder: context.folder,
    handler: '',
    ...packaging,
    layers: [],
    settings: {},
    routes: [],
    variables: {},
    schedules: [],
    fault: undefined,
  };
  readPart(one, () => {
    const name = variables.field(source, 'name');
    if (typeof name === 'string' && isFunctionName(name)) one.name = name;
    else if (!isFunctionName(key))
      throw new ProjectError(`the name ${key} takes 1 to 64 letters, digits, - and _`, place);
  });
  readPart(one, () => readHandler(context, one, source));
  readPart(one, () => readSettings(context, one, source));
  readPart(one, () => {
    one.layers = layersOf(context, source);
    one.variables = environmentOf(context, one, source);
  });
  for (const name of missed) {
    if (name in source) notices.add(placeOf(source, name), `${name} of ${one.name} has no effect here`);
  }
  return one;
}

function readHandler({ variables }: ServiceContext, one: ProjectFunction, source: Fields): void {
  if ('image' in source) {
    const message = 'the function is a container image: the host runs functions of code folders';
    throw new ProjectError(message, placeOf(source, 'image'));
  }
  const { artifact } = variables.section(source, 'package');
  if (artifact !== undefined) {
    throw new ProjectError(
      'the function is an archive: the host runs functions of code folders',
      placeOf(source, 'package'),
    );
  }
  const handler = variables.field(source, 'handler');
  if (typeof handler !== 'string') throw new ProjectError('the function has no handler', one.place);
  one.handler = handler.replace(/^\.\//, '');
  if (variables.field(source, 'build') === false) one.packaging = 'as-is';
}

function readSettings(context: ServiceContext, one: ProjectFunction, source: Fields): void {
  const { provider, notices, variables } = context;
  const holderOf = (key: string) => (source[key] === undefined ? provider : source);
  const runtime = variables.field(holderOf('runtime'), 'runtime') ?? defaults.runtime;
  const runtimePlace = 'runtime' in holderOf('runtime') ? placeOf(holderOf('runtime'), 'runtime') : one.place;
  const choice = chooseRuntime(runtime, runtimePlace, notices);
  if ('fault' in choice) throw new ProjectError(choice.fault, runtimePlace);
  one.settings.runtime = choice.runtime;
  for (const [key, setting, fallback] of [
    ['timeout', 'timeout', defaults.timeoutSeconds],
    ['memorySize', 'memorySize', defaults.memorySizeMb],
    ['reservedConcurrency', 'reservedConcurrentExecutions', undefined],
  ] as const) {
    const value = variables.field(holderOf(key), key) ?? fallback;
    if (value !== undefined) one.settings[setting] = integerSetting(setting, key, value, placeOf(holderOf(key), key));
  }
}

/** A value that is null takes the variable away. */
function environmentOf(context: ServiceContext, one: ProjectFunction, source: Fields): Record<string, string> {
  const { provider, notices, values, variables } = context;
  const merged: Record<string, string> = {};
  for (const holder of [provider, source]) {
    const environment = variables.section(holder, 'environment');
    for (const key of Object.keys(environment)) {
      const place = placeOf(environment, key);
      const value = values.evaluate(variables.field(environment, key), place);
      delete merged[key];
      if (value === null || value === undefined) continue;
      Object.assign(merged, variablesOf({ [key]: value }, notices, place));
    }
  }
  return one.fault ? {} : merged;
}

function layersOf({ folder, provider, root, notices, variables }: ServiceContext, source: Fields): string[] {
  const holder = source.layers === undefined ? provider : source;
  const definitions = variables.section(root, 'layers');
  const list = variables.field(holder, 'layers');
  return listOf(list).flatMap((item, index) => {
    const id = fieldsOf(item).Ref;
    const key = Object.keys(definitions).find((name) => layerName(name) === id);
    const place = Array.isArray(list) ? placeOf(list, index) : placeOf(holder, 'layers');
    if (key === undefined) {
      const name = typeof item === 'string' ? item : JSON.stringify(item);
      notices.add(place, `the layer ${name} is in AWS only: install what it holds beside the functions`);
      return [];
    }
    const path = String(variables.field(variables.section(definitions, key), 'path'));
    const found = resolve(folder, path);
    if (existsSync(found) && statSync(found).isDirectory()) return [found];
    notices.add(placeOf(definitions, key), `the layer ${key} is left out: there is no folder ${path}`);
    return [];
  });
}
