import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvalidParameterValueException,
  InvokeCommand,
  type LambdaClient,
  ListFunctionsCommand,
  paginateListFunctions,
  ResourceNotFoundException,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { type Router, startRouter } from '../support/router.ts';
import { createClient } from './client.ts';

const concurrency = { concurrency: true };
let router: Router;
let client: LambdaClient;

before(async () => {
  router = await startRouter({
    dist: 'dist/fixtures',
    env: { AWS_REGION: 'sa-east-1', AWS_ACCOUNT_ID: '123456789012' },
  });
  client = createClient(router);
});

after(async () => {
  client?.destroy();
  await router?.stop();
});

test('the functions are listed by name', concurrency, async () => {
  const { Functions = [], NextMarker } = await client.send(new ListFunctionsCommand({}));
  const names = Functions.map(({ FunctionName }) => FunctionName ?? '');
  assert.ok(names.includes('echo') && names.includes('stream'));
  assert.deepEqual(names, [...names].sort());
  assert.equal(NextMarker ?? null, null);
});

test('the pages of the list have all functions', concurrency, async () => {
  const all = (await client.send(new ListFunctionsCommand({}))).Functions ?? [];
  const paged: unknown[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client, pageSize: 4 }, {})) {
    assert.ok(Functions.length <= 4);
    paged.push(...Functions);
  }
  assert.deepEqual(paged, all);
});

test('an invalid marker, page size or version is an InvalidParameterValueException', concurrency, async () => {
  for (const input of [{ Marker: 'none' }, { MaxItems: 0 }, { FunctionVersion: 'SOME' as 'ALL' }]) {
    await assert.rejects(client.send(new ListFunctionsCommand(input)), InvalidParameterValueException);
  }
});

test('the configuration of a function has the members of the Lambda API', concurrency, async () => {
  const { $metadata, ...configuration } = await client.send(
    new GetFunctionConfigurationCommand({ FunctionName: 'binary-echo' }),
  );
  const { CodeSha256, CodeSize, LastModified, ...rest } = configuration;
  assert.deepEqual(rest, {
    FunctionName: 'binary-echo',
    FunctionArn: 'arn:aws:lambda:sa-east-1:123456789012:function:binary-echo',
    Version: '$LATEST',
    PackageType: 'Zip',
    Runtime: 'nodejs24.x',
    Architectures: [process.arch === 'x64' ? 'x86_64' : process.arch],
    Handler: 'handler.handler',
    Timeout: 300,
    MemorySize: 256,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Environment: { Variables: {} },
    LoggingConfig: { LogFormat: 'JSON', LogGroup: '/aws/lambda/binary-echo' },
  });
  assert.match(CodeSha256 ?? '', /^[A-Za-z0-9+/]{43}=$/);
  assert.ok((CodeSize ?? 0) > 0);
  assert.match(LastModified ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
  assert.ok($metadata.requestId);
});

test('GetFunction returns code and concurrency as well', concurrency, async () => {
  const { Configuration, Code, Concurrency } = await client.send(
    new GetFunctionCommand({ FunctionName: 'concurrent', Qualifier: '$LATEST' }),
  );
  assert.equal(
    Configuration?.FunctionArn,
    'arn:aws:lambda:sa-east-1:123456789012:function:concurrent:$LATEST',
    'the ARN has the requested qualifier',
  );
  assert.ok(existsSync(fileURLToPath(Code?.Location ?? '')));
  assert.equal(Concurrency?.ReservedConcurrentExecutions, 60);
});

test('the waiter of the SDK finds a function active', concurrency, async () => {
  const { state } = await waitUntilFunctionActiveV2({ client, maxWaitTime: 300 }, { FunctionName: 'slow' });
  assert.equal(state, 'SUCCESS');
});

test('a function whose INIT has failed is in the state Failed and says why', concurrency, async () => {
  await client.send(new InvokeCommand({ FunctionName: 'init-error' }));
  const { State, StateReason, StateReasonCode } = await client.send(
    new GetFunctionConfigurationCommand({ FunctionName: 'init-error' }),
  );
  assert.deepEqual([State, StateReasonCode], ['Failed', 'FunctionError']);
  assert.equal(StateReason, 'RangeError: no luck at init');
});

test('an unknown function or version is a ResourceNotFoundException', concurrency, async () => {
  await assert.rejects(client.send(new GetFunctionCommand({ FunctionName: 'nobody' })), ResourceNotFoundException);
  await assert.rejects(
    client.send(new GetFunctionConfigurationCommand({ FunctionName: 'echo', Qualifier: '3' })),
    ResourceNotFoundException,
  );
});
