/** Reads a serverless.yml as a project of functions. */
import { existsSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { readDocument } from '../description/document.ts';
import { Notices } from '../description/notices.ts';
import { type Fields, isFields, placeOf } from '../description/places.ts';
import { Routes } from '../description/routes.ts';
import { ProjectError, type ReadProject } from '../project.ts';
import type { ServiceContext } from './context.ts';
import { readEvents } from './events.ts';
import { functionSources, readFunction } from './functions.ts';
import { readPackaging } from './packaging.ts';
import { resourceEvaluator } from './resources.ts';
import { Variables } from './variables.ts';

/**
 * Reads the functions of a serverless.yml or serverless.json, of the framework's versions 3 and 4.
 * @param path absolute path of the file
 * @returns functions by their `name` or key; a function that can't run has a fault
 * @throws {ProjectError} for invalid YAML, variables in a cycle, another provider, two alike routes
 */
export const readServerless: ReadProject = async (path, options) => {
  const file = basename(path);
  const start = { file, line: 1 };
  if (!existsSync(path)) throw new ProjectError('there is no such file', start);
  if (/^\.[cm]?[jt]s$/.test(extname(path))) {
    throw new ProjectError(`the host does not run ${file}: write "npx serverless print" into a serverless.yml`, start);
  }
  const folder = dirname(path);
  const notices = new Notices();
  const root = readDocument(path, folder, { dialect: 'serverless', notices });
  if (!isFields(root) || root.functions === undefined || root.functions === null) {
    throw new ProjectError('the service has no functions', start);
  }
  const variables = new Variables(root, folder, options, notices);
  const provider = variables.shallow(root.provider, placeOf(root, 'provider'));
  refuseOtherProviders(root, provider, variables);
  const sources = functionSources({ root, variables });
  const context: ServiceContext = {
    root,
    provider: isFields(provider) ? provider : {},
    folder,
    stage: variables.stage(placeOf(root, 'provider')),
    variables,
    values: resourceEvaluator(root, sources, variables, notices),
    notices,
    routes: new Routes(notices),
    functions: new Map(),
  };
  const packaging = readPackaging(context);
  for (const source of sources) context.functions.set(source.key, readFunction(context, source, packaging));
  for (const { key, source } of sources) {
    const owner = context.functions.get(key);
    if (owner) readEvents(context, owner, source);
  }
  readProvider(context);
  return { folder, region: variables.region(), functions: [...context.functions.values()], notices: notices.list() };
};

function refuseOtherProviders(root: Fields, provider: unknown, variables: Variables): void {
  const place = placeOf(root, 'provider');
  const name = isFields(provider) ? variables.field(provider, 'name') : provider;
  if (name === 'aws') return;
  throw new ProjectError(`the host runs functions of AWS Lambda, and the provider is ${name ?? 'missing'}`, place);
}

/** Names what the provider has and the host does not do. */
function readProvider({ provider, variables, notices }: ServiceContext): void {
  const httpApi = variables.section(provider, 'httpApi');
  if ('id' in httpApi) notices.add(placeOf(httpApi, 'id'), 'the routes of an API elsewhere are served here');
  const apiGateway = variables.section(provider, 'apiGateway');
  for (const name of ['apiKeys', 'resourcePolicy', 'request']) {
    if (name in apiGateway) notices.add(placeOf(apiGateway, name), `apiGateway.${name} has no effect here`);
  }
}
