/** The parts of a CloudFormation template, and the functions that write its expressions. */

/** A value that CloudFormation computes when it deploys the template. */
export type Expression = object;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html */
export interface Resource {
  Type: string;
  Properties?: object;
  DependsOn?: string | string[];
  DeletionPolicy?: 'Snapshot' | 'Retain';
  UpdateReplacePolicy?: 'Snapshot' | 'Retain';
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html */
export interface Parameter {
  Type: string;
  Description?: string;
  Default?: string | number;
  AllowedValues?: (string | number)[];
  AllowedPattern?: string;
  ConstraintDescription?: string;
  NoEcho?: boolean;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html */
export interface Template {
  AWSTemplateFormatVersion: '2010-09-09';
  /** The transform that turns AWS::Serverless::* into resources; undefined in a template without them. */
  Transform?: 'AWS::Serverless-2016-10-31';
  Description: string;
  Parameters: Record<string, Parameter>;
  Conditions?: Record<string, Expression>;
  Globals?: object;
  Resources: Record<string, Resource>;
  Outputs: Record<string, { Description: string; Value: Expression }>;
}

/** @returns the value of a parameter, or the identifier of a resource */
export function ref(name: string): Expression {
  return { Ref: name };
}

/** @returns an attribute of a resource, such as its Arn */
export function attribute(resource: string, name: string): Expression {
  return { 'Fn::GetAtt': [resource, name] };
}

/** @param text in which `${Name}` and `${Name.Attribute}` stand for values */
export function sub(text: string): Expression {
  return { 'Fn::Sub': text };
}

/** @returns a value that leaves its property out where the condition does not hold */
export function valueIf(condition: string, value: unknown): Expression {
  return { 'Fn::If': [condition, value, ref('AWS::NoValue')] };
}

/** @returns a condition that holds where the parameter is not empty */
export function isSet(parameter: string): Expression {
  return isNotEmpty(ref(parameter));
}

/** The same as isSet, for a parameter that is a list. */
export function isListSet(parameter: string): Expression {
  return isNotEmpty({ 'Fn::Join': ['', ref(parameter)] });
}

function isNotEmpty(value: Expression): Expression {
  return { 'Fn::Not': [{ 'Fn::Equals': [value, ''] }] };
}

/** Turns get-user and DATABASE_URL into GetUser and DatabaseUrl: CloudFormation's names consist of letters and digits. */
export function logicalId(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map(
      (word) =>
        word.charAt(0).toUpperCase() + (word === word.toUpperCase() ? word.slice(1).toLowerCase() : word.slice(1)),
    )
    .join('');
}

/** @returns a policy statement that allows these actions on these resources */
export function allow(actions: string[], resources: unknown): object {
  return { Effect: 'Allow', Action: actions, Resource: resources };
}

/** @returns the policy document by which one AWS service may use a role */
export function trust(service: string): object {
  return policy({ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' });
}

/** @returns a policy document of these statements */
export function policy(...statements: object[]): object {
  return { Version: '2012-10-17', Statement: statements };
}
