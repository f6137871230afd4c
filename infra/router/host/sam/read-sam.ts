/** Reads a template of AWS SAM or CloudFormation, and what `cdk synth` writes, as a project of functions. */
import { statSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import { isFunctionName } from '../cloudformation/resource-values.ts';
import { accountOf } from '../cloudformation/scope.ts';
import { openTemplate } from '../cloudformation/template.ts';
import { readDocument } from '../description/document.ts';
import { Notices } from '../description/notices.ts';
import { fieldsOf } from '../description/places.ts';
import { Routes } from '../description/routes.ts';
import { ProjectError, type ProjectFunction, type ReadOptions, type ReadProject } from '../project.ts';
import { type TemplateFile, templatesAt } from './cdk-output.ts';
import type { TemplateContext } from './context.ts';
import { readEvents } from './events.ts';
import { readFunctions } from './functions.ts';
import { withGlobals } from './globals.ts';
import { readHttpApis, readServerlessApis } from './http-apis.ts';
import { readRestApis } from './rest-apis.ts';
import { readTriggers } from './triggers.ts';

/** The region where the environment names none. */
const defaultRegion = 'us-east-1';

/**
 * Reads the functions of a template.yaml or .json, or of all stacks in a cdk.out.
 * @param path absolute path of a template, of cdk.out or of its manifest.json
 * @returns functions by their FunctionName or logical id; a function that can't run has a fault
 * @throws {ProjectError} for invalid YAML, a wrong parameter, resources in a circle, two alike routes of one API
 */
export const readSam: ReadProject = async (path, options) => {
  const files = templatesAt(path);
  const folder = files.length > 0 && isFolder(path) ? path : dirname(path);
  const notices = new Notices();
  const documents = files.map(({ file }) =>
    withGlobals(readDocument(file, folder, { dialect: 'cloudformation', notices })),
  );
  refuseUnknownParameters(documents, options, relative(folder, files[0]?.file ?? path));
  const routes = new Routes(notices);
  const functions: ProjectFunction[] = [];
  for (const [index, file] of files.entries()) {
    const context = openContext(documents[index], file, folder, options, { notices, routes });
    const names = new Set(functions.map(({ name }) => name));
    readFunctions(context, (name) => (names.has(name) ? uniqueName(`${file.stackName}-${name}`, names) : name));
    readEvents(context);
    readServerlessApis(context);
    readHttpApis(context);
    readRestApis(context);
    readTriggers(context);
    functions.push(...context.functions.values());
  }
  if (functions.length === 0) {
    throw new ProjectError('the template has no function', { file: relative(folder, files[0]?.file ?? path), line: 1 });
  }
  return { folder, functions, notices: notices.list() };
};

function openContext(
  document: unknown,
  { file, stackName }: TemplateFile,
  folder: string,
  { parameters, environment }: ReadOptions,
  shared: { notices: Notices; routes: Routes },
): TemplateContext {
  const definitions = fieldsOf(fieldsOf(document).Parameters);
  const own = Object.entries(parameters).filter(([name]) => Object.hasOwn(definitions, name));
  const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? defaultRegion;
  const deployment = { parameters: Object.fromEntries(own), region, account: accountOf(environment), stackName };
  const template = openTemplate(document, relative(folder, file), deployment, shared.notices);
  return { ...shared, template, folder: dirname(file), functions: new Map(), owners: new Map() };
}

function refuseUnknownParameters(documents: unknown[], { parameters }: ReadOptions, file: string): void {
  const known = documents.flatMap((document) => Object.keys(fieldsOf(fieldsOf(document).Parameters)));
  const stranger = Object.keys(parameters).find((name) => !known.includes(name));
  if (stranger === undefined) return;
  const names = known.length > 0 ? `its parameters are ${known.join(', ')}` : 'it has no parameters';
  throw new ProjectError(`--parameter ${stranger} is not in the template: ${names}`, { file, line: 1 });
}

/** @returns the name, shortened to what Lambda takes, with a number if it is taken */
function uniqueName(name: string, names: Set<string>): string {
  const short = name.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 60);
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? short : `${short}-${count}`;
    if (isFunctionName(candidate) && !names.has(candidate)) return candidate;
  }
}

function isFolder(path: string): boolean {
  return basename(path) !== 'manifest.json' && statSync(path).isDirectory();
}
