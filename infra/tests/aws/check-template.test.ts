import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resource, Template } from '../../aws/template/cloudformation.ts';
import { checkTemplate } from './check-template.ts';
import { resourceDefinition } from './specification.ts';

const queue = { Type: 'AWS::SQS::Queue' };

/** @returns the faults of a template with these resources */
function faultsOf(Resources: Record<string, Resource>, more: Partial<Template> = {}): string[] {
  const template: Template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: '',
    Parameters: {},
    Outputs: {},
    ...more,
    Resources,
  };
  return checkTemplate(template, resourceDefinition);
}

/** @returns the faults of a queue with these properties */
const faultsOfQueue = (Properties: object) => faultsOf({ Queue: { ...queue, Properties } });

test('finds nothing wrong with a right template', () => {
  const Properties = {
    DelaySeconds: 5,
    FifoQueue: { 'Fn::If': ['IsFifo', true, { Ref: 'AWS::NoValue' }] },
    QueueName: { 'Fn::Sub': `\${AWS::StackName}-\${Name}` },
    Tags: [{ Key: 'a', Value: { 'Fn::GetAtt': ['Other', 'Arn'] } }],
  };
  const more = {
    Parameters: { Name: { Type: 'String' } },
    Conditions: { IsFifo: { 'Fn::Equals': [{ Ref: 'Name' }, 'x'] } },
  };
  assert.deepEqual(faultsOf({ Queue: { ...queue, Properties, DependsOn: 'Other' }, Other: queue }, more), []);
});

test('finds an unknown type, an unknown field and an unknown property', () => {
  assert.deepEqual(faultsOf({ A: { Type: 'AWS::SQS::Kueue' } }), ['Resources.A: unknown type AWS::SQS::Kueue']);
  assert.deepEqual(faultsOf({ A: { ...queue, Depends: 'B' } as Resource }), ['Resources.A: unknown field Depends']);
  assert.deepEqual(faultsOfQueue({ Delay: 5 }), ['Resources.Queue.Properties: unknown property Delay']);
});

test('finds a property that is missing, at the top and inside', () => {
  assert.deepEqual(faultsOf({ Role: { Type: 'AWS::IAM::Role' } }), [
    'Resources.Role.Properties: AssumeRolePolicyDocument is missing',
  ]);
  assert.deepEqual(faultsOfQueue({ Tags: [{ Key: 'a' }] }), ['Resources.Queue.Properties.Tags[0]: Value is missing']);
});

test('finds a value of the wrong type', () => {
  const wrong = (name: string, value: unknown, ...faults: string[]) =>
    assert.deepEqual(
      faultsOfQueue({ [name]: value }),
      faults.map((fault) => `Resources.Queue.Properties.${name}: ${fault}`),
    );
  wrong('DelaySeconds', '5', 'takes integer, and not "5"');
  wrong('DelaySeconds', 1.5, 'takes integer, and not 1.5');
  wrong('FifoQueue', 'yes', 'takes boolean, and not "yes"');
  wrong('QueueName', ['a'], 'takes string, and not ["a"]');
  wrong('Tags', { 'Fn::Sub': 'a' }, 'takes array of Tag, and not Fn::Sub');
  const protocol = { Type: 'AWS::RDS::DBProxy', Properties: { ...proxy, EngineFamily: 'ORACLE' } };
  assert.match(faultsOf({ Proxy: protocol }).join(), /EngineFamily: takes MYSQL or POSTGRESQL.*"ORACLE"$/);
});
const proxy = { DBProxyName: 'p', RoleArn: 'arn', VpcSubnetIds: ['a', 'b'] };

test('tells a parameter that is a list from one that is a text', () => {
  const more = { Parameters: { List: { Type: 'CommaDelimitedList' }, Text: { Type: 'String' } } };
  const properties = { ...proxy, EngineFamily: 'POSTGRESQL' };
  const One = { Type: 'AWS::RDS::DBProxy', Properties: { ...properties, VpcSubnetIds: { Ref: 'Text' } } };
  const Other = { Type: 'AWS::RDS::DBProxy', Properties: { ...properties, RoleArn: { Ref: 'List' } } };
  assert.deepEqual(faultsOf({ One, Other }, more), [
    'Resources.One.Properties.VpcSubnetIds: takes array of string, and not Ref',
    'Resources.Other.Properties.RoleArn: takes string, and not Ref',
  ]);
});

test('checks both values of a condition', () => {
  const value = { 'Fn::If': ['Is', 5, 'five'] };
  const more = { Conditions: { Is: { 'Fn::Equals': ['a', 'b'] } } };
  assert.deepEqual(faultsOf({ Queue: { ...queue, Properties: { DelaySeconds: value } } }, more), [
    'Resources.Queue.Properties.DelaySeconds: takes integer, and not "five"',
  ]);
});

test('finds names and attributes that do not exist, and what nothing uses', () => {
  const Properties = {
    QueueName: { 'Fn::Sub': `\${Nome} \${Queue.Arm} \${!Literal}` },
    KmsMasterKeyId: { Ref: 'Key' },
    RedrivePolicy: { 'Fn::If': ['Has', { 'Fn::GetAtt': ['Dead', 'Arn'] }, {}] },
  };
  const more = { Parameters: { Name: { Type: 'String' } }, Outputs: { A: { Description: '', Value: { Ref: 'B' } } } };
  assert.deepEqual(faultsOf({ Queue: { ...queue, Properties, DependsOn: ['None'] } }, more).sort(), [
    'Name: nothing uses it',
    'Outputs.A.Value: no B',
    'Resources.Queue.Properties.KmsMasterKeyId: no Key',
    'Resources.Queue.Properties.QueueName: AWS::SQS::Queue has no attribute Arm',
    'Resources.Queue.Properties.QueueName: no Nome',
    'Resources.Queue.Properties.RedrivePolicy.Fn::If.1: no resource Dead',
    'Resources.Queue.Properties.RedrivePolicy: no condition Has',
    'Resources.Queue: no resource None',
  ]);
});

test("checks SAM's resources with their globals", () => {
  const more = { Globals: { Function: { LoggingConfig: { LogFormat: 'XML' } } } };
  const faults = faultsOf({ Lambda: { Type: 'AWS::Serverless::Function', Properties: { Memory: 128 } } }, more);
  assert.deepEqual(faults, [
    'Resources.Lambda.Properties.LoggingConfig.LogFormat: takes Text or JSON, and not "XML"',
    'Resources.Lambda.Properties: unknown property Memory',
  ]);
});
