// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts hold placeholders of Fn::Sub
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../../tests/support/property.ts';
import type { Fields } from '../description/places.ts';
import { ProjectError } from '../project.ts';
import { Evaluator } from './evaluator.ts';
import { parameterValues } from './parameters.ts';
import type { Scope } from './scope.ts';

const scope: Scope = {
  parameters: new Map<string, unknown>([
    ['Stage', 'dev'],
    ['Zones', ['a', 'b']],
    ['Empty', undefined],
    ['Remote', '/path'],
  ]),
  remoteParameters: ['Remote'],
  conditions: { Yes: { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] }, No: { 'Fn::Not': [{ Condition: 'Yes' }] } },
  mappings: { Map: { dev: { size: 1, list: ['x', 'y'] } } },
  resources: new Map(
    Object.entries({
      Queue: ['AWS::SQS::Queue', {}],
      Bucket: ['AWS::S3::Bucket', { BucketName: { 'Fn::Sub': 'files-${Stage}' } }],
      Function: ['AWS::Lambda::Function', { FunctionName: 'named' }],
      Alias: ['AWS::Lambda::Alias', { FunctionName: { Ref: 'Function' }, Name: 'live' }],
      Secret: ['AWS::SSM::Parameter', { Name: '/a/b', Value: 'v' }],
    }).map(([logicalId, [type, properties]]) => [
      logicalId,
      { logicalId, type: type as string, properties: properties as Fields, metadata: {}, source: {} },
    ]),
  ),
  isComplete: true,
  region: 'eu-west-1',
  account: '000000000000',
  stackName: 'local',
};

const evaluate = (value: unknown) => {
  const reports: string[] = [];
  const result = new Evaluator(scope, (_place, message) => reports.push(message)).evaluate(value);
  return { result, reports };
};

/** Each expression with its value, where the template says all about it. */
const known: [expression: unknown, expected: unknown][] = [
  [{ Ref: 'Stage' }, 'dev'],
  [{ Ref: 'Bucket' }, 'files-dev'],
  [{ Ref: 'Secret' }, '/a/b'],
  [{ Ref: 'AWS::Region' }, 'eu-west-1'],
  [{ Ref: 'AWS::Partition' }, 'aws'],
  [{ Ref: 'AWS::NoValue' }, undefined],
  [{ a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] }, { b: [1] }],
  [{ 'Fn::GetAtt': ['Function', 'Arn'] }, 'arn:aws:lambda:eu-west-1:000000000000:function:named'],
  [{ 'Fn::GetAtt': 'Secret.Value' }, 'v'],
  [{ Ref: 'Alias' }, 'arn:aws:lambda:eu-west-1:000000000000:function:named:live'],
  [{ 'Fn::Sub': '${Stage}-${!Stage}-${AWS::Region}' }, 'dev-${Stage}-eu-west-1'],
  [{ 'Fn::Sub': ['${a}${Stage}', { a: { Ref: 'Stage' } }] }, 'devdev'],
  [{ 'Fn::Sub': '${Function.Arn}' }, 'arn:aws:lambda:eu-west-1:000000000000:function:named'],
  [{ 'Fn::Join': ['/', ['a', { Ref: 'Stage' }, 1]] }, 'a/dev/1'],
  [{ 'Fn::Join': [',', { Ref: 'Zones' }] }, 'a,b'],
  [{ 'Fn::Select': [1, { 'Fn::Split': ['-', 'a-b-c'] }] }, 'b'],
  [{ 'Fn::Select': ['0', { Ref: 'Zones' }] }, 'a'],
  [{ 'Fn::Select': [1, 'a,b'] }, 'b'],
  [{ Ref: 'Function.Version' }, 'arn:aws:lambda:eu-west-1:000000000000:function:named'],
  [{ 'Fn::Not': [{ 'Fn::Select': [0, ['true']] }] }, false],
  [{ 'Fn::FindInMap': ['Map', { Ref: 'Stage' }, 'list'] }, ['x', 'y']],
  [{ 'Fn::FindInMap': ['Map', 'none', 'size', { DefaultValue: 9 }] }, 9],
  [{ 'Fn::If': ['Yes', 1, { 'Fn::Nonsense': [] }] }, 1],
  [{ 'Fn::If': ['No', { 'Fn::Nonsense': [] }, 2] }, 2],
  [{ 'Fn::Base64': 'text' }, 'dGV4dA=='],
  [{ 'Fn::GetAZs': '' }, ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']],
  [{ 'Fn::Cidr': ['10.0.0.0/16', 3, 8] }, ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24']],
  [{ 'Fn::Length': { Ref: 'Zones' } }, 2],
  [{ 'Fn::ToJsonString': { a: { Ref: 'Stage' } } }, '{"a":"dev"}'],
];

for (const [expression, expected] of known) {
  test(`${JSON.stringify(expression)} has its value from the template`, () => {
    assert.deepEqual(evaluate(expression), { result: expected, reports: [] });
  });
}

/** Each expression that only AWS can compute, the value instead, and the report. */
const invented: [expression: unknown, expected: unknown, report: string][] = [
  [{ Ref: 'Queue' }, 'Queue', 'Queue (AWS::SQS::Queue) is not created here; the functions get "Queue"'],
  [
    { 'Fn::GetAtt': ['Queue', 'Arn'] },
    'arn:aws:sqs:eu-west-1:000000000000:Queue',
    'Queue.Arn (AWS::SQS::Queue) is not created here; the functions get "arn:aws:sqs:eu-west-1:000000000000:Queue"',
  ],
  [
    { 'Fn::GetAtt': ['Bucket', 'Arn'] },
    'arn:aws:s3:::files-dev',
    'Bucket.Arn (AWS::S3::Bucket) is not created here; the functions get "arn:aws:s3:::files-dev"',
  ],
  [
    { Ref: 'Empty' },
    'Empty',
    'the parameter Empty has no value: give it with --parameter Empty=VALUE; the functions get "Empty"',
  ],
  [{ Ref: 'Remote' }, '/path', 'the value of the parameter Remote is in AWS: give it with --parameter Remote=VALUE'],
  [{ 'Fn::ImportValue': 'other' }, 'other', 'another stack exports other; the functions get "other"'],
  [{ Ref: 'AWS::AccountId' }, '000000000000', 'AWS::AccountId is 000000000000 here'],
];

for (const [expression, expected, report] of invented) {
  test(`${JSON.stringify(expression)} has a local value and a report`, () => {
    assert.deepEqual(evaluate(expression), { result: expected, reports: [report] });
  });
}

/** Expressions that CloudFormation refuses. */
const refused: [expression: unknown, message: RegExp][] = [
  [{ Ref: 'Nobody' }, /^Ref Nobody is neither/],
  [{ Ref: 'AWS::Nothing' }, /is no pseudo parameter/],
  [{ 'Fn::GetAtt': ['Nobody', 'Arn'] }, /names no resource/],
  [{ 'Fn::Sub': '${Nobody}' }, /^Ref Nobody is neither/],
  [{ 'Fn::Join': 'text' }, /^Fn::Join takes a list/],
  [{ 'Fn::Select': [2, ['a', 'b']] }, /asks for item 2 of a list of 2/],
  [{ 'Fn::FindInMap': ['Map', 'dev', 'none'] }, /have no Map\.dev\.none$/],
  [{ 'Fn::If': ['Nobody', 1, 2] }, /^the condition Nobody is not in Conditions/],
  [{ 'Fn::Cidr': ['10.0.0.0/30', 3, 8] }, /^Fn::Cidr takes/],
  [{ 'Fn::Constructor': [] }, /is no intrinsic function/],
];

for (const [expression, message] of refused) {
  test(`${JSON.stringify(expression)} is refused`, () => {
    assert.throws(
      () => evaluate(expression),
      (error: Error) => error instanceof ProjectError && message.test(error.message),
    );
  });
}

test('Fn::Split takes apart what Fn::Join has put together', async () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '-', '$', '{') });
  await holds(
    fc.property(fc.array(part, { minLength: 1 }), (parts) => {
      const joined = { 'Fn::Join': ['|', parts] };
      assert.deepEqual(evaluate({ 'Fn::Split': ['|', joined] }).result, parts);
    }),
  );
});

test('a value without intrinsic functions stays as it is', async () => {
  await holds(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(evaluate(value).result, value);
    }),
  );
});

test('a parameter without a default has the first value that the template allows', () => {
  const values = parameterValues(
    { Stage: { Type: 'String', AllowedValues: ['dev', 'prod'] }, None: { Type: 'String' } },
    {},
  );
  assert.deepEqual(
    [...values],
    [
      ['Stage', 'dev'],
      ['None', undefined],
    ],
  );
});
