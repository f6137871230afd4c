// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts hold variables of the Serverless Framework
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../../tests/support/property.ts';
import type { ReadOptions } from '../project.ts';
import { faultLine, functionFaults, noticeLines, readFiles } from '../testing/project-files.ts';
import { parseExpressions } from './expressions.ts';
import { readServerless } from './read-serverless.ts';

/** Reads a service with one function, whose variables start in line 6. */
const read = (t: TestContext, variables: string, rest = '', options: Partial<ReadOptions> = {}, files = {}) => {
  const text = `provider: {name: aws, runtime: nodejs22.x}
functions:
  hello:
    handler: a.b
    environment:
${variables}
${rest}`;
  return readFiles(t, readServerless, 'serverless.yml', { 'serverless.yml': text, ...files }, options);
};

/** Each variable, and what a function gets. */
const cases: [variable: string, expected: string | undefined][] = [
  ['${self:custom.table}', 'users-dev'],
  ['${self:custom.list.1}', 'two'],
  ['${self:custom.nested.${self:custom.key}}', 'deep'],
  ["${self:custom.none, 'else'}", 'else'],
  ["${self:custom.none, self:custom.neither, ''}", ''],
  ['${self:custom.none, self:custom.key}', 'inner'],
  ['a-${self:custom.key}-${sls:stage}', 'a-inner-dev'],
  ['${env:GIVEN}', 'given'],
  ['${env:NOT_GIVEN, "it\'s"}', "it's"],
  ["${opt:stage, 'local'}", 'local'],
  ["${opt:stage, self:provider.stage, 'x'}", 'dev'],
  ['${param:size}', 'small'],
  ['${param:given}', 'by-hand'],
  ['${param:common}', 'for-all'],
  ["${file(./values.yml):a.${self:custom.key}, 'none'}", 'from-file'],
  ['${file(values.json):list.0}', '1'],
  ["${file(none.yml):a, 'fallback'}", 'fallback'],
  ['${file(note.txt)}', 'a note'],
  ['${self:custom.file.own}', 'users-dev'],
  ['${strToBool(${self:custom.flag})}', 'true'],
  ['${aws:region}', 'eu-west-1'],
  ['arn:${AWS::Region}:${Resource.Arn}', 'arn:${AWS::Region}:${Resource.Arn}'],
  ['${self:custom.none, true}', 'true'],
  ['${self:custom.none, 12.5}', '12.5'],
  ['${self:custom.none, null}', undefined],
];

const custom = `
params: {default: {size: big, given: x, common: for-all}, dev: {size: small}}
custom:
  table: users-\${sls:stage}
  key: inner
  nested: {inner: deep}
  list: [one, two]
  flag: '1'
  file: \${file(values.yml)}
`;

const files = {
  'values.yml': 'a: {inner: from-file}\nown: ${self:custom.table}\n',
  'values.json': '{"list": [1]}',
  'note.txt': 'a note\n',
};

for (const [variable, expected] of cases) {
  test(`${variable} is ${expected}`, async (t) => {
    const text = `      V: ${JSON.stringify(variable)}`;
    const options = { environment: { GIVEN: 'given', AWS_REGION: 'eu-west-1' }, parameters: { given: 'by-hand' } };
    const project = await read(t, text, custom, options, files);
    assert.deepEqual(functionFaults(project), []);
    assert.equal(project.functions[0]?.variables.V, expected);
  });
}

test('the caller decides about the stage', async (t) => {
  const project = await read(t, '      V: ${sls:stage}', 'params: {prod: {a: b}}', { stage: 'prod' });
  assert.equal(project.functions[0]?.variables.V, 'prod');
});

/** Each variable without a value, and the line that says so. */
const faults: [variable: string, expected: string][] = [
  ['${self:custom.none}', '${self:custom.none} has no value'],
  ['${file(none.yml):a}', '${file(none.yml):a} has no value: there is no file none.yml'],
  ['${file(values.yml):none}', '${file(values.yml):none} has no value: the file does not have it'],
  ['x${self:custom.nested}', 'a variable inside of a text has an object as its value'],
];

for (const [variable, expected] of faults) {
  test(`the function has a fault because of ${variable}`, async (t) => {
    const project = await read(t, `      V: ${JSON.stringify(variable)}`, custom, {}, files);
    assert.deepEqual(functionFaults(project), [`hello: serverless.yml:6 ${expected}`]);
  });
}

test('variables that need each other are one line that lists the cycle', async (t) => {
  const rest =
    'custom:\n  a: ${self:custom.b}\n  b: ${self:custom.c}\n  c: ${self:custom.a}\n  d: {e: "${self:custom.d}"}';
  const project = await read(t, '      V: ${self:custom.a}', rest);
  assert.deepEqual(functionFaults(project), [
    'hello: serverless.yml:10 the variables need each other in a cycle: self:custom.a → self:custom.b → self:custom.c → self:custom.a',
  ]);
  assert.deepEqual(functionFaults(await read(t, '      V: ${self:custom.d}', rest)), [
    'hello: serverless.yml:11 the value contains itself',
  ]);
});

test('a notice names each variable that only AWS or the caller knows', async (t) => {
  const project = await read(
    t,
    `      A: \${ssm:/secret}
      B: \${cf:stack.output, 'else'}
      C: \${env:MISSING}
      D: \${param:missing}
      E: \${file(./values.js):x, 'js'}`,
  );
  assert.deepEqual(project.functions[0]?.variables, { A: '/secret', B: 'else', E: 'js' });
  assert.deepEqual(noticeLines(project), [
    'serverless.yml:6 ${ssm:/secret} is not known here; the functions get "/secret"',
    'serverless.yml:7 ${cf:stack.output} is not known here; the fallback counts',
    'serverless.yml:8 ${env:MISSING} has no value: set MISSING in .env',
    'serverless.yml:9 ${param:missing} has no value: give it with --parameter missing=VALUE',
    'serverless.yml:10 the host does not run ./values.js for its values: write them in YAML or JSON',
  ]);
});

test('variables that double themselves, or need each other in a long chain, are faults that name a line', async (t) => {
  const chain = (length: number, value: (name: string) => string) =>
    `custom:\n  v0: 'x'\n${Array.from({ length }, (_, n) => `  v${n + 1}: ${value(`\${self:custom.v${n}}`)}`).join('\n')}`;
  const doubled = /^serverless\.yml:(?:9|\d\d) the values that refer to each other stand for too many others/;
  for (const [length, value, expected] of [
    [40, (name) => `'${name}${name}'`, doubled],
    [40, (name) => `['${name}', '${name}']`, doubled],
    [20_000, (name) => `'${name}'`, /^hello: serverless\.yml:\d+ more than 500 values need each other in a chain$/],
  ] as [number, (name: string) => string, RegExp][]) {
    const reading = read(t, `      A: \${self:custom.v${length}}`, chain(length, value));
    const fault = expected === doubled ? await faultLine(reading) : functionFaults(await reading).join();
    assert.match(fault, expected);
  }
});

test('a text without variables of the framework stays as it is, whatever braces it has', async () => {
  const character = fc.constantFrom('$', '{', '}', ':', ',', "'", '"', '(', ')', 'a', 'b', ' ', '.');
  await holds(
    fc.property(fc.string({ unit: character, maxLength: 30 }), (text) => {
      const parts = parseExpressions(text);
      assert.equal(parts.map((part) => (typeof part === 'string' ? part : part.text)).join(''), text);
    }),
  );
});
