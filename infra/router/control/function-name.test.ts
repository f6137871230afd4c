import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFunctionName } from './function-name.ts';

test('plain names, partial ARNs and full ARNs are read, with and without a qualifier', () => {
  const cases: [text: string, name: string, qualifier?: string][] = [
    ['get-user', 'get-user'],
    ['get_user:prod', 'get_user', 'prod'],
    ['get-user:$LATEST', 'get-user', '$LATEST'],
    ['function:get-user', 'get-user'],
    ['123456789012:function:get-user', 'get-user'],
    ['123456789012:function:get-user:7', 'get-user', '7'],
    ['arn:aws:lambda:us-east-1:123456789012:function:get-user', 'get-user'],
    ['arn:aws-cn:lambda:cn-north-1:123456789012:function:get-user:prod', 'get-user', 'prod'],
    ['arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:get-user', 'get-user'],
    ['function', 'function'],
  ];
  for (const [text, name, qualifier] of cases) {
    assert.deepEqual(parseFunctionName(text, null), { name, qualifier }, text);
  }
});

test('the qualifier of the query string counts where the name has none', () => {
  assert.deepEqual(parseFunctionName('get-user', 'prod'), { name: 'get-user', qualifier: 'prod' });
  assert.deepEqual(parseFunctionName('get-user:prod', 'prod'), { name: 'get-user', qualifier: 'prod' });
});

test('a text that is not a name is refused in the words of AWS', () => {
  for (const text of [
    '',
    'a b',
    'name:',
    'arn:aws:lambda:us-east-1:123456789012:function:',
    'arn:aws:s3:::bucket',
    'a:b:c',
  ]) {
    assert.throws(() => parseFunctionName(text, null), {
      name: 'InvalidParameterValueException',
      message: /^1 validation error detected: Value '.*' at 'functionName' failed to satisfy constraint/,
    });
  }
  assert.throws(() => parseFunctionName('a', 'no qualifier'), { name: 'InvalidParameterValueException' });
});

test('a second, different qualifier is refused', () => {
  assert.throws(() => parseFunctionName('get-user:one', 'two'), {
    message: 'The derived qualifier from the function name does not match the specified qualifier.',
  });
});
