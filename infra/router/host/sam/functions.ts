/** Reads the functions of a template, without their events. */

import { functionNameOf } from '../cloudformation/resource-values.ts';
import type { Resource } from '../cloudformation/scope.ts';
import { fieldsOf, placeOf } from '../description/places.ts';
import { readPart } from '../description/read-part.ts';
import { chooseRuntime } from '../description/runtime.ts';
import { integerSetting } from '../description/settings.ts';
import { variablesOf } from '../description/variables.ts';
import { ProjectError, type ProjectFunction } from '../project.ts';
import { codeOf, layersOf } from './code.ts';
import { propertyPlace, resourcesOf, type TemplateContext } from './context.ts';
import { bundlingOf } from './esbuild-metadata.ts';

/** Properties that the readers use. */
const used = ['Code', 'CodeUri', 'Environment', 'Events', 'FunctionName', 'FunctionUrlConfig', 'Handler', 'ImageUri'];
const usedToo = [
  'InlineCode',
  'Layers',
  'MemorySize',
  'PackageType',
  'ReservedConcurrentExecutions',
  'Runtime',
  'Timeout',
];

/** Properties that mean nothing on a local host: permissions, deployment, and the hardware of AWS. */
const withoutMeaning = [
  'Architectures',
  'AssumeRolePolicyDocument',
  'AutoPublishAlias',
  'AutoPublishAliasAllProperties',
  'AutoPublishCodeSha256',
  'CodeSigningConfigArn',
  'DeadLetterConfig',
  'DeadLetterQueue',
  'DeploymentPreference',
  'Description',
  'EphemeralStorage',
  'ImageConfig',
  'KmsKeyArn',
  'LoggingConfig',
  'PermissionsBoundary',
  'Policies',
  'PropagateTags',
  'ProvisionedConcurrencyConfig',
  'RecursiveLoop',
  'Role',
  'RolePath',
  'RuntimeManagementConfig',
  'SnapStart',
  'SourceKMSKeyArn',
  'Tags',
  'Tracing',
  'TracingConfig',
  'VersionDeletionPolicy',
  'VersionDescription',
  'VpcConfig',
];

const known = new Set([...used, ...usedToo, ...withoutMeaning]);

/**
 * Reads the functions of a template, and adds them to the context.
 * @param context of the template
 * @param nameFor returns a name that no other function of the project has
 */
export function readFunctions(context: TemplateContext, nameFor: (name: string) => string): void {
  for (const resource of resourcesOf(context, 'AWS::Serverless::Function', 'AWS::Lambda::Function')) {
    const { links } = context.template;
    const asked = functionNameOf(resource, (value) => links.evaluate(value));
    const name = context.functions.has(asked) ? resource.logicalId : asked;
    if (name !== asked) {
      const message = `two functions have the name ${asked}: the second one is ${name} here`;
      context.notices.add(propertyPlace(resource, 'FunctionName'), message);
    }
    const one = readFunction(context, resource, nameFor(name));
    context.functions.set(name, one);
    context.owners.set(resource.logicalId, one);
  }
}

function readFunction(context: TemplateContext, resource: Resource, name: string): ProjectFunction {
  const { template, notices } = context;
  const { properties } = resource;
  const one: ProjectFunction = {
    name,
    place: placeOf(context.template.root.Resources as object, resource.logicalId),
    codeFolder: context.folder,
    handler: '',
    packaging: 'auto',
    buildOptions: {},
    layers: [],
    settings: {},
    routes: [],
    variables: {},
    schedules: [],
    fault: undefined,
  };
  readPart(one, () => readRuntime(context, resource, one));
  readPart(one, () => readCode(context, resource, one));
  readPart(one, () => {
    one.layers = layersOf(context, properties.Layers);
    for (const [property, setting] of settingNames) {
      const value = template.values.evaluate(properties[property], propertyPlace(resource, property));
      if (value !== undefined)
        one.settings[setting] = integerSetting(setting, property, value, propertyPlace(resource, property));
    }
    // Of a function that can't run anyway, the values that only AWS knows interest nobody.
    if (!one.fault) one.variables = variablesOf(environmentOf(context, resource), notices);
  });
  if (one.fault) return one;
  for (const property of Object.keys(properties)) {
    if (!known.has(property))
      notices.add(propertyPlace(resource, property), `${property} of ${name} has no effect here`);
  }
  return one;
}

const settingNames = [
  ['Timeout', 'timeout'],
  ['MemorySize', 'memorySize'],
  ['ReservedConcurrentExecutions', 'reservedConcurrentExecutions'],
] as const;

function readRuntime({ template, notices }: TemplateContext, resource: Resource, one: ProjectFunction): void {
  const place = propertyPlace(resource, 'Runtime');
  const choice = chooseRuntime(template.links.evaluate(resource.properties.Runtime), place, notices);
  if ('fault' in choice) throw new ProjectError(choice.fault, place);
  if (choice.runtime) one.settings.runtime = choice.runtime;
}

function readCode(context: TemplateContext, resource: Resource, one: ProjectFunction): void {
  const { template, notices } = context;
  const { folder, isBuilt } = codeOf(context, resource);
  const place = propertyPlace(resource, 'Handler');
  const handler = template.links.evaluate(resource.properties.Handler);
  if (typeof handler !== 'string') throw new ProjectError('the function has no Handler', place);
  one.codeFolder = folder;
  one.handler = handler;
  if (isBuilt) one.packaging = 'as-is';
  const metadata = fieldsOf(template.links.evaluate(resource.metadata));
  const bundling = bundlingOf(metadata, folder, handler);
  if (bundling) Object.assign(one, bundling, { packaging: 'bundle' });
  if (metadata.BuildMethod === 'makefile') {
    const message = `the host does not run the makefile of ${one.name}: it serves the folder as it is`;
    notices.add(placeOf(resource.metadata, 'BuildMethod'), message);
  }
}

function environmentOf({ template }: TemplateContext, { properties }: Resource): Record<string, unknown> {
  return fieldsOf(fieldsOf(template.values.evaluate(properties.Environment)).Variables);
}
