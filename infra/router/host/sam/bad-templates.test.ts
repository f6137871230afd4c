import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ReadOptions } from '../project.ts';
import { faultLine, readFiles } from '../testing/project-files.ts';
import { readSam } from './read-sam.ts';

const fault = (t: TestContext, template: string, options: Partial<ReadOptions> = {}) =>
  faultLine(readFiles(t, readSam, 'template.yaml', { 'template.yaml': template }, options));

const resources = 'Resources: {A: {Type: AWS::Serverless::Function, Properties: {Handler: a.b}}}\n';

/** Each fault, its template, and the line that the reader prints. */
const cases: [name: string, template: string, expected: string | RegExp][] = [
  ['YAML that is not closed', 'Resources:\n  A: {Type: x\n', /^template\.yaml:\d+ the YAML is invalid: /],
  [
    'an anchor that contains itself',
    'Resources: &a\n  A: *a\n',
    'template.yaml:2 the value contains itself through an anchor',
  ],
  ['no template', 'a: 1\n', 'template.yaml:1 the file is no CloudFormation template: it has no Resources'],
  ['no function', 'Resources: {A: {Type: AWS::SQS::Queue}}\n', 'template.yaml:1 the template has no function'],
  ['a resource without a type', 'Resources:\n  A: {}\n', 'template.yaml:2 the resource A has no Type'],
  [
    'conditions in a circle',
    `Conditions:\n  A: !Not [{Condition: B}]\n  B: !Not [{Condition: A}]\nResources:\n  F: {Type: x, Condition: A}\n`,
    'template.yaml:3 the values need each other in a cycle: A → B → A',
  ],
  [
    'conditions that double themselves',
    `Conditions:
  C0: !Equals [a, b]
${Array.from({ length: 40 }, (_, n) => `  C${n + 1}: !Or [{Condition: C${n}}, {Condition: C${n}}]`).join('\n')}
Resources:\n  F: {Type: x, Condition: C40}\n`,
    /^template\.yaml:\d+ the values that refer to each other stand for too many others: does one double itself\?$/,
  ],
  [
    'conditions in a long chain',
    `Conditions:\n  C0: !Equals [a, b]
${Array.from({ length: 20_000 }, (_, n) => `  C${n + 1}: !Not [{Condition: C${n}}]`).join('\n')}
Resources:\n  F: {Type: x, Condition: C20000}\n`,
    /^template\.yaml:\d+ more than 500 values need each other in a chain$/,
  ],
  [
    'an unknown condition',
    `Resources:\n  F:\n    Type: x\n    Condition: A\n`,
    'template.yaml:4 the condition A is not in Conditions',
  ],
  [
    'an unknown intrinsic function in a condition',
    `Conditions:\n  A: !Maybe [1]\nResources:\n  F: {Type: x, Condition: A}\n`,
    'template.yaml:2 Fn::Maybe is no intrinsic function that the host knows',
  ],
  [
    'resources in a circle',
    `Resources:
  A: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {
    B: !Sub 'x-\${B.Arn}'}}}}
  B: {Type: AWS::Lambda::Function, DependsOn: C}
  C: {Type: AWS::SQS::Queue, Properties: {QueueName: !If [Holds, !Ref A, !Ref Nobody]}}
Conditions: {Holds: !Equals [a, a]}
`,
    'template.yaml:5 the resources depend on each other in a circle: A → B → C → A',
  ],
];

for (const [name, template, expected] of cases) {
  test(`one line names the place of ${name}`, async (t) => {
    const line = await fault(t, template);
    if (typeof expected === 'string') assert.equal(line, expected);
    else assert.match(line, expected);
  });
}

test('one line names a file that is not there', async (t) => {
  assert.equal(await faultLine(readFiles(t, readSam, 'none.yaml', {})), 'none.yaml:1 there is no such file');
});

test('one line names a wrong parameter', async (t) => {
  const template = `Parameters:\n  Size: {Type: Number, Default: 1}\n  Stage: {Type: String, AllowedValues: [a, b]}\n${resources}`;
  const given = (parameters: Record<string, string>) => fault(t, template, { parameters });
  assert.equal(
    await given({ Stages: 'a' }),
    'template.yaml:1 --parameter Stages is not in the template: its parameters are Size, Stage',
  );
  assert.equal(await given({ Stage: 'c' }), 'template.yaml:3 --parameter Stage=c: the template allows a, b');
  assert.equal(await given({ Size: 'big' }), 'template.yaml:2 --parameter Size=big: the template wants a number');
});
