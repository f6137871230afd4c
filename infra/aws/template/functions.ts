/**
 * Makes the AWS SAM template of the functions from their function.json files: one Lambda function per folder, one HTTP API,
 * one event per route. Every function runs the same image (infra/aws/Dockerfile) with its own handler.
 */
import { authorizerName } from '../../router/gateway/authorizers/common-authorizer.ts';
import type { FunctionConfiguration } from '../../router/manifest.ts';
import { alarm, alarmConditions, alarmParameters } from './alarms.ts';
import { type ApiSettings, httpApi, httpEvent } from './api.ts';
import {
  attribute,
  isListSet,
  logicalId,
  type Parameter,
  type Resource,
  ref,
  sub,
  type Template,
  valueIf,
} from './cloudformation.ts';
import { concurrencyOf } from './concurrency.ts';
import { migration, type SchemaIdentity } from './migration.ts';
import { functionRole } from './role.ts';
import { scheduleEvent } from './schedules.ts';
import { variableConditions, variableParameters, variablesOf, variableValues } from './variables.ts';

/** Lambda's limits in MB. The router allows less and more. */
const memorySizeMb = { min: 128, max: 10_240 };
/** The alias that the API calls. It moves to each new version of a function. */
const aliasName = 'live';

/** The choices of the template's writer, besides the functions. */
export interface FunctionsTemplateOptions {
  api: ApiSettings;
  /** Events at once over all functions. */
  concurrency: number;
  schema: SchemaIdentity;
}

/**
 * @param functions of the manifest
 * @returns the template; each variable of the functions is a parameter
 * @throws Error when callers need a role and no function decides, two function names become the same name in CloudFormation, or the concurrency does not suffice
 */
export function functionsTemplate(functions: FunctionConfiguration[], options: FunctionsTemplateOptions): Template {
  requireDistinctIds(functions.map(({ name }) => name));
  if (options.api.auth && !functions.some(({ name }) => name === authorizerName)) {
    throw new Error(`AUTH is on, and the build has no function "${authorizerName}"`);
  }
  const variables = [...new Set(functions.flatMap(variablesOf))].sort();
  const concurrency = concurrencyOf(functions, options.concurrency);
  const migrations = functions.filter(({ onStart }) => onStart).map(({ name }) => `${logicalId(name)}Migration`);
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Transform: 'AWS::Serverless-2016-10-31',
    Description: 'cadastro: a user directory made of serverless functions. Generated from the function.json files.',
    Parameters: { ...parameters, ...alarmParameters, ...variableParameters(variables) },
    Conditions: { InVpc: isListSet('SubnetIds'), ...alarmConditions, ...variableConditions(variables) },
    Globals: {
      Function: {
        Architectures: [ref('Architecture')],
        LoggingConfig: { LogFormat: 'JSON', LogGroup: ref('FunctionLog') },
        Tracing: 'Active',
        VpcConfig: valueIf('InVpc', { SubnetIds: ref('SubnetIds'), SecurityGroupIds: ref('SecurityGroupIds') }),
      },
    },
    Resources: {
      Api: httpApi(options.api),
      ...logGroups,
      FunctionRole: functionRole(),
      ...Object.fromEntries(
        functions.flatMap((one) => {
          const id = `${logicalId(one.name)}Function`;
          const cap = concurrency.get(one.name) as number;
          return one.onStart
            ? [
                [id, lambda(one, cap, options.api.auth)],
                [`${logicalId(one.name)}Migration`, migration(one.name, one.timeout, options.schema)],
              ]
            : [
                [
                  id,
                  { ...lambda(one, cap, options.api.auth), ...(migrations.length > 0 && { DependsOn: migrations }) },
                ],
                [`${logicalId(one.name)}Errors`, errorsAlarm(one.name)],
              ];
        }),
      ),
      ...apiAlarms,
    },
    Outputs: { ApiUrl: { Description: 'Base URL of the HTTP API', Value: attribute('Api', 'ApiEndpoint') } },
  };
}

const parameters: Record<string, Parameter> = {
  ImageUri: { Type: 'String', Description: 'Image of infra/aws/Dockerfile in a registry of this account' },
  Architecture: { Type: 'String', Default: 'x86_64', AllowedValues: ['x86_64', 'arm64'] },
  SubnetIds: {
    Type: 'CommaDelimitedList',
    Default: '',
    Description: 'Subnets that reach the database, the cache and Secrets Manager',
  },
  SecurityGroupIds: { Type: 'CommaDelimitedList', Default: '' },
  LogRetentionDays: {
    Type: 'Number',
    Default: 30,
    AllowedValues: [1, 3, 5, 7, 14, 30, 60, 90, 180, 365],
    Description: 'Days that the logs are kept',
  },
};

const logGroups = Object.fromEntries(
  ['FunctionLog', 'AccessLog'].map((id): [string, Resource] => [
    id,
    { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: ref('LogRetentionDays') } },
  ]),
);

const apiMetric = { namespace: 'AWS/ApiGateway', dimensions: { ApiId: ref('Api') } };
const apiAlarms = {
  ApiErrors: alarm({
    ...apiMetric,
    metric: '5xx',
    statistic: 'Average',
    threshold: 0.01,
    description: 'More than 1 % of the requests get a 5xx answer',
  }),
  ApiLatency: alarm({
    ...apiMetric,
    metric: 'Latency',
    statistic: 'p99',
    threshold: 3000,
    description: 'One request in a hundred takes more than 3 s',
  }),
};

function errorsAlarm(name: string): Resource {
  return alarm({
    namespace: 'AWS/Lambda',
    metric: 'Errors',
    dimensions: { FunctionName: ref(`${logicalId(name)}Function`) },
    statistic: 'Sum',
    threshold: 0,
    description: `The function ${name} ended without an answer`,
  });
}

/**
 * @param cap how many events the function takes at once
 * @param auth whether callers of its routes need a role
 */
function lambda(configuration: FunctionConfiguration, cap: number, auth: boolean): Resource {
  const { name, handler, routes, schedules, timeout, memorySize, provisionedConcurrency, onStart } = configuration;
  const variables = { ...variableValues(variablesOf(configuration)), ...configuration.variables };
  return {
    Type: 'AWS::Serverless::Function',
    Properties: {
      FunctionName: sub(`\${AWS::StackName}-${name}`),
      PackageType: 'Image',
      ImageUri: ref('ImageUri'),
      // A function that the router runs at its start is a custom resource here, and infra/aws/lambda/ has its handler.
      ImageConfig: { Command: [onStart ? `aws/${name}.handler` : `functions/${name}/${handler}`] },
      Role: attribute('FunctionRole', 'Arn'),
      Timeout: timeout,
      MemorySize: Math.min(Math.max(memorySize, memorySizeMb.min), memorySizeMb.max),
      ReservedConcurrentExecutions: cap,
      ...(!onStart && {
        AutoPublishAlias: aliasName,
        // Without it only a new image would be published, and a new variable or limit would wait for one.
        AutoPublishAliasAllProperties: true,
      }),
      ...(provisionedConcurrency > 0 && {
        ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: Math.min(provisionedConcurrency, cap) },
      }),
      ...(Object.keys(variables).length > 0 && { Environment: { Variables: variables } }),
      ...(routes.length + schedules.length > 0 && {
        Events: Object.fromEntries([
          ...routes.map((route, index) => [`Route${index + 1}`, httpEvent(route, configuration, auth)]),
          ...schedules.map((schedule, index) => [`Schedule${index + 1}`, scheduleEvent(schedule)]),
        ]),
      }),
    },
  };
}

function requireDistinctIds(names: string[]): void {
  const namesById = new Map<string, string>();
  for (const name of names) {
    const other = namesById.get(logicalId(name));
    if (other) throw new Error(`${other} and ${name} are the same name in CloudFormation: rename one of them`);
    namesById.set(logicalId(name), name);
  }
}
