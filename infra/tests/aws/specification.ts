/**
 * AWS's own specification of CloudFormation, as the AWS CDK uses it. Loading takes half a second and 200 MB, so only tests
 * of templates import this file.
 * @see https://github.com/cdklabs/awscdk-service-spec
 */
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';

/** The values that a property takes. */
export type ValueType =
  | { type: 'string'; allowedValues?: readonly string[] | undefined }
  | { type: 'number' | 'integer' | 'boolean' | 'json' }
  | { type: 'array' | 'map'; element: ValueType }
  | { type: 'union'; types: ValueType[] }
  | { type: 'object'; name: string; properties: () => Record<string, PropertyDefinition> };

export interface PropertyDefinition {
  type: ValueType;
  required: boolean;
}

/** The properties and attributes of one type of resource that a template may use. */
export interface ResourceDefinition {
  properties: Record<string, PropertyDefinition>;
  /** Names that Fn::GetAtt takes. */
  attributes: string[];
}

/** Looks a type of resource up. @returns undefined when there is no such type */
export type Lookup = (type: string) => ResourceDefinition | undefined;

const database = loadAwsServiceSpecSync();

/** The transform's own documentation is ahead of the specification in these points; AWS::Serverless::* has no attributes there. */
const serverless: Record<string, { like: string; more: Record<string, PropertyDefinition> }> = {
  'AWS::Serverless::Function': {
    like: 'AWS::Lambda::Function',
    // https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
    more: {
      AutoPublishAliasAllProperties: { type: { type: 'boolean' }, required: false },
      LoggingConfig: propertiesOf('AWS::Lambda::Function').LoggingConfig as PropertyDefinition,
    },
  },
  'AWS::Serverless::HttpApi': {
    like: 'AWS::ApiGatewayV2::Api',
    // https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-httpapi.html
    more: { AccessLogSettings: propertiesOf('AWS::ApiGatewayV2::Stage').AccessLogSettings as PropertyDefinition },
  },
};

/** @returns what a resource of this type takes and has; undefined when AWS has no such type */
export function resourceDefinition(type: string): ResourceDefinition | undefined {
  const [resource] = database.lookup('resource', 'cloudFormationType', 'equals', type);
  if (resource === undefined) return undefined;
  const { like = type, more = {} } = serverless[type] ?? {};
  const attributes = resourceOf(like).attributes;
  return { properties: { ...propertiesOf(type), ...more }, attributes: Object.keys(attributes) };
}

function resourceOf(type: string) {
  const [resource] = database.lookup('resource', 'cloudFormationType', 'equals', type);
  if (resource === undefined) throw new Error(`the specification has no ${type}`);
  return resource;
}

function propertiesOf(type: string): Record<string, PropertyDefinition> {
  return convertAll(resourceOf(type).properties);
}

type SpecProperty = ReturnType<typeof resourceOf>['properties'][string];
type SpecType = SpecProperty['type'];

function convertAll(properties: Readonly<Record<string, SpecProperty>>): Record<string, PropertyDefinition> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, { type, previousTypes = [], required = false }]) => {
      const types = [type, ...previousTypes].map(convert);
      return [name, { type: types.length === 1 ? (types[0] as ValueType) : { type: 'union', types }, required }];
    }),
  );
}

function convert(type: SpecType): ValueType {
  switch (type.type) {
    case 'string':
      return { type: 'string', allowedValues: type.allowedValues };
    case 'date-time':
      return { type: 'string' };
    case 'number':
    case 'integer':
    case 'boolean':
    case 'json':
      return { type: type.type };
    case 'array':
    case 'map':
      return { type: type.type, element: convert(type.element) };
    case 'union':
      return { type: 'union', types: type.types.map(convert) };
    case 'ref': {
      const definition = database.get('typeDefinition', type.reference);
      // Definitions refer to themselves in a few places.
      return { type: 'object', name: definition.name, properties: () => convertAll(definition.properties) };
    }
    case 'tag':
      return {
        type: 'object',
        name: 'Tag',
        properties: () => ({
          Key: { type: { type: 'string' }, required: true },
          Value: { type: { type: 'string' }, required: true },
        }),
      };
    case 'null':
      throw new Error('no property takes null');
  }
}
