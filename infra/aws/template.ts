/**
 * The AWS SAM template of the functions, made from their function.json files: one Lambda function a folder, one HTTP API,
 * an event for each route. Every function runs the same image (infra/aws/Dockerfile) with a handler of its own.
 */
import type { FunctionConfiguration } from '../router/manifest.ts';

type Resource = { Type: string; Properties?: object; Metadata?: object };

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

/** What Lambda takes, where the router allows more. */
const memory = { min: 128, max: 10_240 };
/** An HTTP API waits no longer for an integration. */
const longestWait = 30_000;
/** "As many as the account has": nothing to reserve. */
const unreserved = 1000;
/** Variables that Lambda sets itself, and refuses. */
const reservedName = /^(AWS_|_HANDLER$|LAMBDA_|TZ$)/;

/** @param functions as the manifest lists them */
export function template(functions: FunctionConfiguration[]): Template {
  refuseTwins(functions.map(({ name }) => name));
  const variables = [...new Set(functions.flatMap(variablesOf))].sort();
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Transform: 'AWS::Serverless-2016-10-31',
    Description: 'cadastro: a user directory made of serverless functions. Made from the function.json files.',
    Parameters: {
      ImageUri: { Type: 'String', Description: 'The image of infra/aws/Dockerfile in a registry of this account' },
      Architecture: { Type: 'String', Default: 'x86_64', AllowedValues: ['x86_64', 'arm64'] },
      SubnetIds: { Type: 'CommaDelimitedList', Default: '', Description: 'From where database and cache are reached' },
      SecurityGroupIds: { Type: 'CommaDelimitedList', Default: '' },
      ...Object.fromEntries(
        variables.map((variable) => [
          logicalId(variable),
          { Type: 'String', Default: '', NoEcho: true, Description: `The functions' variable ${variable}` },
        ]),
      ),
    },
    Conditions: {
      InVpc: given({ 'Fn::Join': ['', { Ref: 'SubnetIds' }] }),
      ...Object.fromEntries(
        variables.map((variable) => [`Has${logicalId(variable)}`, given({ Ref: logicalId(variable) })]),
      ),
    },
    Globals: {
      Function: {
        Architectures: [{ Ref: 'Architecture' }],
        LoggingConfig: { LogFormat: 'JSON' },
        VpcConfig: ifElse('InVpc', {
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
              Description: `Invoke it after each deployment: aws lambda invoke --function-name … out.json`,
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
      MemorySize: Math.min(Math.max(memorySize, memory.min), memory.max),
      ...(reservedConcurrentExecutions < unreserved && { ReservedConcurrentExecutions: reservedConcurrentExecutions }),
      ...(variables.length > 0 && {
        Environment: {
          Variables: Object.fromEntries(
            variables.map((variable) => [variable, ifElse(`Has${logicalId(variable)}`, { Ref: logicalId(variable) })]),
          ),
        },
      }),
      ...(routes.length > 0 && {
        Events: Object.fromEntries(routes.map((route, index) => [`Route${index + 1}`, httpEvent(route, timeout)])),
      }),
    },
  };
}

/** "GET /users/{id}" or "$default", which is the one without method and path. */
function httpEvent(route: string, timeout: number): object {
  const [method, path] = route.split(' ');
  return {
    Type: 'HttpApi',
    Properties: {
      ApiId: { Ref: 'Api' },
      ...(path !== undefined && { Method: method, Path: path }),
      PayloadFormatVersion: '2.0',
      TimeoutInMillis: Math.min(timeout * 1000, longestWait),
    },
  };
}

function refuseTwins(names: string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const twin = seen.get(logicalId(name));
    if (twin) throw new Error(`${twin} and ${name} are the same name in CloudFormation: rename one`);
    seen.set(logicalId(name), name);
  }
}

function variablesOf({ environment }: FunctionConfiguration): string[] {
  return environment.filter((variable) => !reservedName.test(variable));
}

/** CloudFormation's names are letters and digits: get-user and DATABASE_URL become GetUser and DatabaseUrl. */
function logicalId(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map(
      (word) =>
        word.charAt(0).toUpperCase() + (word === word.toUpperCase() ? word.slice(1).toLowerCase() : word.slice(1)),
    )
    .join('');
}

function given(value: object): object {
  return { 'Fn::Not': [{ 'Fn::Equals': [value, ''] }] };
}

function ifElse(condition: string, value: object): object {
  return { 'Fn::If': [condition, value, { Ref: 'AWS::NoValue' }] };
}
