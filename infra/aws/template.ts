/**
 * Makes the AWS SAM template from the function.json files: one Lambda function per folder, one HTTP API, one event per route.
 * Every function runs the same image (infra/aws/Dockerfile) with its own handler.
 */
import type { FunctionConfiguration } from '../router/manifest.ts';

type Resource = { Type: string; Properties?: object; Metadata?: object };

/** @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy.html */
export interface Template {
  AWSTemplateFormatVersion: string;
  Transform: string;
  Description: string;
  Parameters: Record<string, object>;
  Conditions: Record<string, object>;
  Globals: object;
  Resources: Record<string, Resource>;
  Outputs: Record<string, object>;
}

/** Lambda's limits in MB. The router allows less and more. */
const memorySizeMb = { min: 128, max: 10_240 };
/** The longest that an HTTP API waits for a function. */
const maxIntegrationTimeoutMs = 30_000;
/** The default of function.json, which equals the default limit of an AWS account. The template reserves nothing for it. */
const accountConcurrency = 1000;
/** Variables that Lambda sets itself and refuses in a template. */
const reservedName = /^(AWS_|_HANDLER$|LAMBDA_|TZ$)/;

/**
 * @param functions of the manifest
 * @returns the template; each variable of the functions is a parameter
 * @throws Error when two function names become the same name in CloudFormation
 */
export function template(functions: FunctionConfiguration[]): Template {
  requireDistinctIds(functions.map(({ name }) => name));
  const variables = [...new Set(functions.flatMap(variablesOf))].sort();
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Transform: 'AWS::Serverless-2016-10-31',
    Description: 'cadastro: a user directory made of serverless functions. Generated from the function.json files.',
    Parameters: {
      ImageUri: { Type: 'String', Description: 'Image of infra/aws/Dockerfile in a registry of this account' },
      Architecture: { Type: 'String', Default: 'x86_64', AllowedValues: ['x86_64', 'arm64'] },
      SubnetIds: {
        Type: 'CommaDelimitedList',
        Default: '',
        Description: 'Subnets that reach the database and the cache',
      },
      SecurityGroupIds: { Type: 'CommaDelimitedList', Default: '' },
      ...Object.fromEntries(
        variables.map((variable) => [
          logicalId(variable),
          {
            Type: 'String',
            Default: '',
            NoEcho: true,
            Description: `Environment variable ${variable} of the functions`,
          },
        ]),
      ),
    },
    Conditions: {
      InVpc: isNotEmpty({ 'Fn::Join': ['', { Ref: 'SubnetIds' }] }),
      ...Object.fromEntries(
        variables.map((variable) => [`Has${logicalId(variable)}`, isNotEmpty({ Ref: logicalId(variable) })]),
      ),
    },
    Globals: {
      Function: {
        Architectures: [{ Ref: 'Architecture' }],
        LoggingConfig: { LogFormat: 'JSON' },
        VpcConfig: valueIf('InVpc', {
          SubnetIds: { Ref: 'SubnetIds' },
          SecurityGroupIds: { Ref: 'SecurityGroupIds' },
        }),
      },
    },
    Resources: {
      Api: { Type: 'AWS::Serverless::HttpApi' },
      ...Object.fromEntries(functions.map((one) => [`${logicalId(one.name)}Function`, lambda(one)])),
    },
    Outputs: {
      ApiUrl: { Value: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } },
      ...Object.fromEntries(
        functions
          .filter(({ onStart }) => onStart)
          .map(({ name }) => [
            `${logicalId(name)}FunctionName`,
            {
              Description: `Invoke this function after each deployment: aws lambda invoke --function-name … out.json`,
              Value: { Ref: `${logicalId(name)}Function` },
            },
          ]),
      ),
    },
  };
}

function lambda(configuration: FunctionConfiguration): Resource {
  const { name, handler, routes, timeout, memorySize, reservedConcurrentExecutions } = configuration;
  const variables = variablesOf(configuration);
  return {
    Type: 'AWS::Serverless::Function',
    Properties: {
      PackageType: 'Image',
      ImageUri: { Ref: 'ImageUri' },
      ImageConfig: { Command: [`${name}/${handler}`] },
      Timeout: timeout,
      MemorySize: Math.min(Math.max(memorySize, memorySizeMb.min), memorySizeMb.max),
      ...(reservedConcurrentExecutions < accountConcurrency && {
        ReservedConcurrentExecutions: reservedConcurrentExecutions,
      }),
      ...(variables.length > 0 && {
        Environment: {
          Variables: Object.fromEntries(
            variables.map((variable) => [variable, valueIf(`Has${logicalId(variable)}`, { Ref: logicalId(variable) })]),
          ),
        },
      }),
      ...(routes.length > 0 && {
        Events: Object.fromEntries(
          routes.map((route, index) => [`Route${index + 1}`, httpEvent(route, configuration)]),
        ),
      }),
    },
  };
}

/** @param route such as `GET /users/{id}`, or `$default`, which has neither method nor path */
function httpEvent(route: string, { timeout, throttling }: FunctionConfiguration): object {
  const [method, path] = route.split(' ');
  return {
    Type: 'HttpApi',
    Properties: {
      ApiId: { Ref: 'Api' },
      ...(path !== undefined && { Method: method, Path: path }),
      PayloadFormatVersion: '2.0',
      ...(throttling && {
        RouteSettings: { ThrottlingRateLimit: throttling.rateLimit, ThrottlingBurstLimit: throttling.burstLimit },
      }),
      TimeoutInMillis: Math.min(timeout * 1000, maxIntegrationTimeoutMs),
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

function variablesOf({ environment }: FunctionConfiguration): string[] {
  return environment.filter((variable) => !reservedName.test(variable));
}

/** Turns get-user and DATABASE_URL into GetUser and DatabaseUrl: CloudFormation's names consist of letters and digits. */
function logicalId(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map(
      (word) =>
        word.charAt(0).toUpperCase() + (word === word.toUpperCase() ? word.slice(1).toLowerCase() : word.slice(1)),
    )
    .join('');
}

function isNotEmpty(value: object): object {
  return { 'Fn::Not': [{ 'Fn::Equals': [value, ''] }] };
}

function valueIf(condition: string, value: object): object {
  return { 'Fn::If': [condition, value, { Ref: 'AWS::NoValue' }] };
}
