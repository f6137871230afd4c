/** Says what Ref and GetAtt of a resource return: the real value where the template has it, else a plausible local one. */
import type { Resource, Scope } from './scope.ts';

/** A value of a resource. */
export interface ResourceValue {
  value: unknown;
  /** Whether a deployment would have another value, which only AWS knows. */
  isInvented: boolean;
}

/** The property that Ref returns, by the resource's type; without that property AWS makes up a name. */
const nameProperties: Record<string, string> = {
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Events::EventBus': 'Name',
  'AWS::Kinesis::Stream': 'Name',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SSM::Parameter': 'Name',
  'AWS::Serverless::Function': 'FunctionName',
  'AWS::Serverless::SimpleTable': 'TableName',
};

/** Types whose values lead to a function that the host serves, or to its layers. */
const functionTypes = ['AWS::Lambda::Function', 'AWS::Serverless::Function'];
const layerTypes = ['AWS::Lambda::LayerVersion', 'AWS::Serverless::LayerVersion'];

/**
 * @param resource whose Ref is asked for
 * @param scope    of the template
 * @param evaluate computes a property
 */
export function refOf(resource: Resource, scope: Scope, evaluate: (value: unknown) => unknown): ResourceValue {
  const { type, logicalId, properties } = resource;
  if (layerTypes.includes(type)) return real(arn(scope, 'lambda', `layer:${logicalId}:1`));
  if (functionTypes.includes(type)) return real(functionNameOf(resource, evaluate));
  if (type === 'AWS::Lambda::Alias' || type === 'AWS::Lambda::Version') {
    const name = String(evaluate(properties.FunctionName)).replace(/^.*:function:/, '');
    return real(arn(scope, 'lambda', `function:${name}:${type.endsWith('Alias') ? evaluate(properties.Name) : 1}`));
  }
  if (type === 'AWS::Serverless::Api' && properties.Name === undefined) return invented(logicalId);
  const name = properties[nameProperties[type] ?? ''];
  return name === undefined ? invented(logicalId) : real(evaluate(name));
}

/**
 * @param resource  whose attribute is asked for
 * @param attribute such as "Arn"
 * @param scope     of the template
 * @param evaluate  computes a property
 */
export function attributeOf(
  resource: Resource,
  attribute: string,
  scope: Scope,
  evaluate: (value: unknown) => unknown,
): ResourceValue {
  const { type, logicalId, properties } = resource;
  if (functionTypes.includes(type) && attribute === 'Arn') {
    return real(arn(scope, 'lambda', `function:${functionNameOf(resource, evaluate)}`));
  }
  if (type === 'AWS::Lambda::Alias' && attribute === 'AliasArn') return refOf(resource, scope, evaluate);
  if (type === 'AWS::Lambda::Version' && attribute === 'FunctionArn') return refOf(resource, scope, evaluate);
  if (type === 'AWS::SSM::Parameter' && attribute === 'Value') return real(evaluate(properties.Value));
  const { value: name } = refOf(resource, scope, evaluate);
  // API Gateway's resources are joined by these identifiers: they only have to differ from each other.
  if (type.startsWith('AWS::ApiGateway'))
    return invented(
      attribute.endsWith('Id') && attribute !== 'RootResourceId' ? logicalId : `${logicalId}.${attribute}`,
    );
  const service = type.split('::')[1]?.toLowerCase() ?? '';
  if (attribute === 'Arn' || attribute.endsWith('Arn')) return invented(arnOf(scope, service, String(name)));
  if (attribute === 'QueueName' || attribute === 'TopicName') return invented(name);
  return invented(`${name}.${attribute}`);
}

/** @returns FunctionName if it is one that Lambda takes, else the logical id */
export function functionNameOf({ logicalId, properties }: Resource, evaluate: (value: unknown) => unknown): string {
  const name = properties.FunctionName === undefined ? undefined : evaluate(properties.FunctionName);
  return typeof name === 'string' && isFunctionName(name) ? name : logicalId;
}

/** @returns whether Lambda takes the name */
export function isFunctionName(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(name);
}

function arnOf(scope: Scope, service: string, name: string): string {
  if (service === 's3') return `arn:aws:s3:::${name}`;
  if (service === 'iam') return `arn:aws:iam::${scope.account}:role/${name}`;
  const kind = { dynamodb: 'table/', kinesis: 'stream/', events: 'event-bus/', serverless: 'table/' }[service] ?? '';
  return arn(scope, service === 'serverless' ? 'dynamodb' : service, `${kind}${name}`);
}

function arn({ region, account }: Scope, service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}

function real(value: unknown): ResourceValue {
  return { value, isInvented: false };
}

function invented(value: unknown): ResourceValue {
  return { value, isInvented: true };
}
