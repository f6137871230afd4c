import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  InvalidParameterValueException,
  InvalidRequestContentException,
  InvokeCommand,
  type InvokeCommandInput,
  type LambdaClient,
  RequestTooLargeException,
  ResourceNotFoundException,
  TooManyRequestsException,
} from '@aws-sdk/client-lambda';
import { type Router, startRouter } from '../support/router.ts';
import { createClient, json, toLog } from './client.ts';

const concurrency = { concurrency: true };
let router: Router;
let client: LambdaClient;

before(async () => {
  router = await startRouter({
    dist: 'dist/fixtures',
    env: { MAX_PAYLOAD_BYTES: '100000' },
  });
  client = createClient(router);
});

after(async () => {
  client?.destroy();
  await router?.stop();
});

const invoke = (FunctionName: string, input: Partial<InvokeCommandInput> = {}) =>
  client.send(new InvokeCommand({ FunctionName, ...input }));

test('a function gets the payload and returns its own', concurrency, async () => {
  const answer = await invoke('echo', { Payload: '{"greeting":"olá"}' });
  assert.equal(answer.StatusCode, 200);
  assert.equal(answer.ExecutedVersion, '$LATEST');
  assert.equal(answer.FunctionError, undefined);
  assert.equal(answer.LogResult, undefined);
  const { event, context } = json(answer.Payload) as { event: unknown; context: Record<string, unknown> };
  assert.deepEqual(event, { greeting: 'olá' });
  assert.equal(context.awsRequestId, answer.$metadata.requestId);
  assert.equal(context.functionName, 'echo');
});

test('an empty payload is an empty object', concurrency, async () => {
  assert.deepEqual(json((await invoke('echo')).Payload).event, {});
});

test('an answer in the form of API Gateway is returned as one object', concurrency, async () => {
  const answer = json((await invoke('cookies', { Payload: '{}' })).Payload);
  assert.deepEqual(Object.keys(answer), ['statusCode', 'cookies', 'body']);
});

test('the client context reaches the function', concurrency, async () => {
  const context = { custom: { tenant: 'ação' } };
  const answer = await invoke('echo', { ClientContext: Buffer.from(JSON.stringify(context)).toString('base64') });
  assert.deepEqual((json(answer.Payload).context as { clientContext: unknown }).clientContext, context);
});

test('a function is found by its name, its partial and its full ARN, each with $LATEST too', concurrency, async () => {
  const names = [
    'echo',
    'function:echo',
    '123456789012:function:echo',
    'arn:aws:lambda:sa-east-1:123456789012:function:echo',
  ];
  for (const name of names.flatMap((one) => [one, `${one}:$LATEST`])) {
    assert.equal((await invoke(name)).StatusCode, 200, name);
  }
  assert.equal((await invoke('echo', { Qualifier: '$LATEST' })).StatusCode, 200);
});

test('an unknown function, version or alias is a ResourceNotFoundException', concurrency, async () => {
  const missing = (arn: string) => (error: Error) => {
    assert.ok(error instanceof ResourceNotFoundException);
    assert.equal(error.message, `Function not found: arn:aws:lambda:us-east-1:000000000000:function:${arn}`);
    assert.equal(error.Type, 'User');
    assert.equal(error.$metadata.httpStatusCode, 404);
    assert.match(error.$metadata.requestId ?? '', /^[0-9a-f-]{36}$/);
    return true;
  };
  await assert.rejects(invoke('nobody'), missing('nobody'));
  await assert.rejects(invoke('echo:prod'), missing('echo:prod'));
  await assert.rejects(invoke('echo', { Qualifier: '7' }), missing('echo:7'));
});

test('an invalid name, and two qualifiers, are an InvalidParameterValueException', concurrency, async () => {
  await assert.rejects(invoke('no such/name'), InvalidParameterValueException);
  await assert.rejects(invoke('echo:one', { Qualifier: 'two' }), InvalidParameterValueException);
});

test('an unknown invocation type or log type is an InvalidParameterValueException', concurrency, async () => {
  await assert.rejects(invoke('echo', { InvocationType: 'Later' as 'Event' }), (error: Error) => {
    assert.ok(error instanceof InvalidParameterValueException);
    assert.match(error.message, /'Later' at 'invocationType' failed .+\[Event, RequestResponse, DryRun\]/);
    return true;
  });
  await assert.rejects(invoke('echo', { LogType: 'All' as 'Tail' }), InvalidParameterValueException);
});

test('a payload that is not JSON is an InvalidRequestContentException', concurrency, async () => {
  for (const Payload of ['{"a":', '\u0000', Buffer.from([0x22, 0xff, 0x22])]) {
    await assert.rejects(invoke('echo', { Payload }), (error: Error) => {
      assert.ok(error instanceof InvalidRequestContentException);
      assert.match(error.message, /^Could not parse request body into json/);
      return true;
    });
  }
  const deep = Buffer.from('['.repeat(5000) + ']'.repeat(5000)).toString('base64');
  for (const ClientContext of ['bm8ganNvbg==', deep]) {
    await assert.rejects(invoke('echo', { ClientContext }), InvalidRequestContentException);
  }
});

test('a payload past the limit is a RequestTooLargeException', concurrency, async () => {
  await assert.rejects(invoke('echo', { Payload: JSON.stringify('x'.repeat(100_000)) }), RequestTooLargeException);
});

test('a function without a free execution is a TooManyRequestsException', concurrency, async () => {
  await assert.rejects(invoke('reserved-zero'), (error: Error) => {
    assert.ok(error instanceof TooManyRequestsException);
    assert.equal(error.Reason, 'ReservedFunctionConcurrentInvocationLimitExceeded');
    assert.equal(error.retryAfterSeconds, '1');
    return true;
  });
});

test('an error that a handler throws is an answer with FunctionError', concurrency, async () => {
  const answer = await invoke('handled-error', { Payload: '{"queryStringParameters":{"throw":"1"}}' });
  assert.equal(answer.StatusCode, 200);
  assert.equal(answer.FunctionError, 'Unhandled');
  const { errorType, errorMessage, trace } = json(answer.Payload) as { [name: string]: unknown; trace: string[] };
  assert.equal(errorType, 'TeapotError');
  assert.equal(errorMessage, 'short and stout');
  assert.equal(trace[0], 'TeapotError: short and stout');
});

test(
  'a time-out, an exit and a signal are answers with FunctionError in the words of Lambda',
  concurrency,
  async () => {
    const crash = (how: string) => invoke('crash', { Payload: JSON.stringify({ queryStringParameters: { how } }) });
    const timedOut = await invoke('times-out');
    const exited = await crash('exit');
    const killed = await crash('kill');
    for (const { StatusCode, FunctionError } of [timedOut, exited, killed]) {
      assert.deepEqual([StatusCode, FunctionError], [200, 'Unhandled']);
    }
    assert.deepEqual(json(timedOut.Payload), {
      errorType: 'Sandbox.Timedout',
      errorMessage: `${timedOut.$metadata.requestId} Task timed out after 1.00 seconds`,
    });
    assert.deepEqual(json(exited.Payload), {
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${exited.$metadata.requestId} Error: Runtime exited with error: exit status 7`,
    });
    assert.deepEqual(json(killed.Payload), {
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${killed.$metadata.requestId} Error: Runtime exited with error: signal: SIGKILL`,
    });
  },
);

test('an INIT that fails is an answer with FunctionError', concurrency, async () => {
  const answer = await invoke('init-error');
  assert.equal(answer.FunctionError, 'Unhandled');
  assert.equal(json(answer.Payload).errorType, 'RangeError');
});

test('an answer past the limit is an answer with FunctionError', concurrency, async () => {
  const answer = await invoke('huge-answer', { Payload: '{"queryStringParameters":{"bytes":"100001"}}' });
  assert.equal(answer.FunctionError, 'Unhandled');
  assert.equal(json(answer.Payload).errorType, 'Function.ResponseSizeTooLarge');
});

test('a streamed answer is collected', concurrency, async () => {
  const answer = await invoke('stream', { Payload: '{"queryStringParameters":{"plain":"1"}}' });
  assert.equal(Buffer.from(answer.Payload ?? []).toString(), '000011112222');
  const broken = await invoke('stream', { Payload: '{"queryStringParameters":{"plain":"1","fail":"1"}}' });
  assert.equal(broken.FunctionError, 'Unhandled');
  assert.equal(json(broken.Payload).errorMessage, 'broke off');
  const huge = await invoke('stream', { Payload: '{"queryStringParameters":{"size":"50000"}}' });
  assert.equal(json(huge.Payload).errorType, 'Function.ResponseSizeTooLarge');
});

test('a dry run answers 204 and runs nothing', concurrency, async () => {
  const answer = await invoke('reserved-zero', { InvocationType: 'DryRun' });
  assert.equal(answer.StatusCode, 204);
  await assert.rejects(invoke('nobody', { InvocationType: 'DryRun' }), ResourceNotFoundException);
});

test('LogType Tail returns the log of that invocation only', concurrency, async () => {
  const tailed = (lines: number, fail = false) =>
    invoke('logs', { LogType: 'Tail', Payload: JSON.stringify({ lines, fail }) });
  const [two, other] = await Promise.all([tailed(2), tailed(0, true)]);
  const id = two.$metadata.requestId;
  const log = toLog(two.LogResult).split('\n');
  assert.equal(log[0], `START RequestId: ${id} Version: $LATEST`);
  const messages = log.slice(1, -3).map((line) => JSON.parse(line));
  assert.deepEqual(messages.map(({ message }) => message).sort(), ['line 1 é', 'line 2 é', 'plain text', 'to stderr']);
  assert.ok(messages.every(({ requestId }) => requestId === id));
  assert.equal(log.at(-3), `END RequestId: ${id}`);
  assert.match(
    log.at(-2) ?? '',
    /^REPORT RequestId: [0-9a-f-]+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB(\tMax Memory Used: \d+ MB)?$/,
  );
  assert.match(toLog(other.LogResult), /failed after its log/);
  assert.doesNotMatch(toLog(other.LogResult), /line 1/);
});

test('LogType Tail returns the last 4 KB at most, cut between characters', concurrency, async () => {
  const { LogResult } = await invoke('logs', { LogType: 'Tail', Payload: '{"lines":5000}' });
  const log = toLog(LogResult);
  assert.ok(Buffer.byteLength(log) <= 4096 && Buffer.byteLength(log) > 4000, `${Buffer.byteLength(log)} bytes`);
  assert.match(log, /line 5000 é/);
  assert.doesNotMatch(log, /\uFFFD/);
});

test('a content type that no header can hold fails its invocation only', concurrency, async () => {
  const parameters = { plain: '1', type: 'text/plain\nx: y' };
  const answer = await invoke('stream', { Payload: JSON.stringify({ queryStringParameters: parameters }) });
  assert.equal(answer.FunctionError, 'Unhandled');
  assert.match(String(json(answer.Payload).errorMessage), /content.type/i);
  assert.equal((await invoke('echo')).StatusCode, 200);
});

const framesOnly = process.env.FUNCTION_RUNTIME === 'ric' && 'aws-lambda-ric does not use frames';

test('malformed frames fail their invocation only', { ...concurrency, skip: framesOnly }, async () => {
  const hostile = (how: string) => invoke('hostile', { Payload: JSON.stringify({ queryStringParameters: { how } }) });
  for (const how of ['bad-type', 'bad-answer']) {
    // Each case needs a new process, because the frames name its first invocation.
    assert.equal((await hostile('huge-length')).FunctionError, 'Unhandled');
    assert.equal((await hostile(how)).FunctionError, 'Unhandled', how);
    assert.equal((await invoke('echo')).StatusCode, 200);
  }
});
