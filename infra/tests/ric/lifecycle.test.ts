/** The life of environments under aws-lambda-ric, which take one event at a time. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { openableGate } from '../support/gate.ts';
import { ricSuite } from '../support/ric.ts';
import { type LogLine, type Router, startRouter } from '../support/router.ts';

interface EnvironmentStatus {
  pid: number;
  state: string;
}

const start = (env: Record<string, string> = {}): Promise<Router> =>
  startRouter({ dist: 'dist/fixtures', env: { FUNCTION_RUNTIME: 'ric', ...env } });

/** Starts a router that ends with the test. */
async function routerFor(t: TestContext, env?: Record<string, string>): Promise<Router> {
  const router = await start(env);
  t.after(() => router.stop());
  return router;
}

async function environmentsOf(router: Router, name: string): Promise<EnvironmentStatus[]> {
  const { functions } = (await (await fetch(`${router.statusUrl}/status`)).json()) as {
    functions: { name: string; environments: EnvironmentStatus[] }[];
  };
  return functions.find((one) => one.name === name)?.environments ?? [];
}

/** Polls the status until the function has an environment in that state. */
async function environmentIn(router: Router, name: string, state: string, except?: number): Promise<EnvironmentStatus> {
  for (;;) {
    const found = (await environmentsOf(router, name)).find((one) => one.state === state && one.pid !== except);
    if (found) return found;
  }
}

/** Resolves when the process is gone. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise(setImmediate);
  }
}

const json = async (response: Promise<Response>): Promise<Record<string, unknown>> => (await response).json() as never;

ricSuite('under aws-lambda-ric', () => {
  let router: Router;
  before(async () => {
    router = await start();
  });
  after(() => router?.stop());

  test('a process runs the real client with the variables of Lambda', async () => {
    const { pid } = await environmentIn(router, 'echo', 'idle');
    const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
    const command = read('cmdline');
    assert.ok(command.includes('--max-old-space-size=128'), command.join(' '));
    assert.match(command.join(' '), /aws-lambda-ric\/index\.mjs/);
    const variables = Object.fromEntries(read('environ').map((one) => one.split(/=(.*)/s).slice(0, 2)));
    assert.equal(variables._HANDLER, 'handler.handler');
    assert.equal(variables.LAMBDA_TASK_ROOT, resolve('dist/fixtures/functions/echo'));
    assert.equal(variables.AWS_LAMBDA_FUNCTION_NAME, 'echo');
    assert.equal(variables.AWS_LAMBDA_LOG_FORMAT, 'JSON');
    assert.equal(variables.AWS_LAMBDA_MAX_CONCURRENCY, undefined);
    assert.equal(variables.DATABASE_URL, undefined);
  });

  test('the context describes the invocation', async () => {
    const response = await fetch(`${router.url}/echo`);
    const { context } = (await response.json()) as { context: Record<string, unknown> };
    assert.equal(context.awsRequestId, response.headers.get('x-request-id'));
    assert.equal(context.functionName, 'echo');
    assert.equal(context.memoryLimitInMB, '128');
    assert.equal(context.invokedFunctionArn, 'arn:aws:lambda:us-east-1:000000000000:function:echo');
    assert.equal(context.logGroupName, '/aws/lambda/echo');
  });

  test("a handler's log lines have the request id of their invocation", async () => {
    const { requestId } = await json(fetch(`${router.url}/concurrent`));
    const line = await router.logged(({ message }) => message === `answering ${requestId}`);
    assert.equal(line.requestId, requestId);
    assert.equal(line.function, 'concurrent');
    assert.equal(line.level, 'INFO');
  });

  test('a process takes one event at a time, whatever maxConcurrency is, and other processes take the rest', async (t) => {
    const gate = await openableGate(t);
    const asked = Array.from({ length: 6 }, () => json(fetch(`${router.url}/concurrent?gate=${gate.url}`)));
    await gate.arrived(2);
    gate.open();
    const answers = await Promise.all(asked);
    assert.ok(answers.every(({ most }) => most === 1));
    assert.ok(new Set(answers.map(({ pid }) => pid)).size > 1);
  });

  test('events past MAX_ENVIRONMENTS wait for room', async (t) => {
    const own = await routerFor(t, { MAX_ENVIRONMENTS: '3' });
    const all = Array.from({ length: 64 }, (_, index) => fetch(`${own.url}/echo/${index}`));
    const answers = await Promise.all(all.map(json));
    const ids = answers.map(({ event }) => (event as { pathParameters: { id: string } }).pathParameters.id);
    assert.deepEqual(
      ids,
      Array.from({ length: 64 }, (_, index) => String(index)),
    );
    assert.ok((await environmentsOf(own, 'echo')).length <= 3);
  });

  test('under load only a few processes start at a time', async (t) => {
    const own = await routerFor(t, { MAX_ENVIRONMENTS: '8' });
    const gate = await openableGate(t);
    const asked = Array.from({ length: 30 }, () => fetch(`${own.url}/slow?gate=${gate.url}`));
    let most = 0;
    let busy = 0;
    while (busy < 4) {
      const states = (await environmentsOf(own, 'slow')).map(({ state }) => state);
      most = Math.max(most, states.filter((state) => state === 'starting').length);
      busy = states.filter((state) => state === 'busy').length;
    }
    gate.open();
    assert.ok((await Promise.all(asked)).every(({ status }) => status === 200));
    assert.ok(most >= 1 && most <= Math.max(2, availableParallelism()), `${most} started at once`);
  });

  test('an error in a handler does not end its process', async (t) => {
    const own = await routerFor(t);
    const { pid } = await json(fetch(`${own.url}/handled-error`));
    assert.equal((await fetch(`${own.url}/handled-error?throw=1`)).status, 500);
    assert.deepEqual(await json(fetch(`${own.url}/handled-error`)), { pid, calls: 3 });
  });

  test('the log has an error of a handler with its stack and its request id', async () => {
    const response = await fetch(`${router.url}/handled-error?throw=1`);
    const requestId = response.headers.get('x-request-id');
    const isIt = ({ message }: LogLine) => (message as { errorType?: string } | null)?.errorType === 'TeapotError';
    const line = await router.logged((one) => one.requestId === requestId && isIt(one));
    assert.match(JSON.stringify(line), /short and stout.*handled-error\/handler/);
  });

  test('a time-out ends the process, and the next event gets a new one', async () => {
    const pidIn = ({ message }: LogLine) => Number(/^pid (\d+)$/.exec(String(message))?.[1]);
    assert.equal((await fetch(`${router.url}/times-out`)).status, 504);
    const pid = pidIn(await router.logged((line) => pidIn(line) > 0));
    await gone(pid);
    assert.equal((await fetch(`${router.url}/times-out`)).status, 504);
    await router.logged((line) => pidIn(line) > 0 && pidIn(line) !== pid);
  });

  test('a handler whose event loop is empty ends its process, as on Lambda', async (t) => {
    const own = await routerFor(t);
    assert.equal((await fetch(`${own.url}/crash?how=wait`)).status, 502);
    assert.equal((await fetch(`${own.url}/crash`)).status, 200);
  });

  test('a SIGKILL during INIT fails the requests that waited for it', async (t) => {
    const own = await routerFor(t);
    const asked = fetch(`${own.url}/init-slow`);
    const { pid } = await environmentIn(own, 'init-slow', 'starting');
    process.kill(pid, 'SIGKILL');
    assert.equal((await asked).status, 502);
  });

  test('a SIGKILL of an idle process fails no request', async (t) => {
    const own = await routerFor(t);
    const { pid } = await environmentIn(own, 'echo', 'idle');
    process.kill(pid, 'SIGKILL');
    await environmentIn(own, 'echo', 'idle', pid);
    assert.equal((await fetch(`${own.url}/echo`)).status, 200);
  });

  test('a SIGKILL during an invocation fails that invocation only', async (t) => {
    const own = await routerFor(t);
    const gate = await openableGate(t);
    const asked = fetch(`${own.url}/slow?gate=${gate.url}`);
    const { pid } = await environmentIn(own, 'slow', 'busy');
    process.kill(pid, 'SIGKILL');
    assert.equal((await asked).status, 502);
    assert.equal((await fetch(`${own.url}/slow`)).status, 200);
  });

  test('a SIGKILL during a stream aborts the response', async (t) => {
    const own = await routerFor(t);
    const gate = await openableGate(t);
    const response = await fetch(`${own.url}/stream?gate=${gate.url}`);
    assert.equal(response.status, 201);
    const { pid } = await environmentIn(own, 'stream', 'busy');
    process.kill(pid, 'SIGKILL');
    await assert.rejects(response.text());
    assert.equal((await fetch(`${own.url}/stream`)).status, 201);
  });

  test('a client that leaves during a stream does not disturb the next one', async (t) => {
    const own = await routerFor(t, { MAX_ENVIRONMENTS: '1' });
    const { pid } = await environmentBehind(own, '/stream', 'stream');
    const gate = await openableGate(t);
    const leaving = new AbortController();
    const response = await fetch(`${own.url}/stream?gate=${gate.url}`, { signal: leaving.signal });
    leaving.abort();
    gate.open();
    await assert.rejects(response.text());
    assert.equal(await (await fetch(`${own.url}/stream`)).text(), '000011112222');
    assert.equal((await environmentsOf(own, 'stream'))[0]?.pid, pid);
  });

  test('a Ctrl-C lets invocations finish', async (t) => {
    const own = await start();
    const gate = await openableGate(t);
    const asked = json(fetch(`${own.url}/slow?gate=${gate.url}`));
    const { pid } = await environmentIn(own, 'slow', 'busy');
    const exited = once(own.process, 'exit');
    own.process.kill('SIGINT');
    await own.logged(({ message }) => message === 'Shutting down');
    gate.open();
    assert.equal((await asked).pid, pid);
    assert.deepEqual(await exited, [0, null]);
    await gone(pid);
  });

  test('processes end with the router, after SIGTERM and after SIGKILL', async () => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const own = await start();
      const { pid } = await environmentIn(own, 'echo', 'idle');
      const exited = once(own.process, 'exit');
      own.process.kill(signal);
      await exited;
      await gone(pid);
    }
  });

  test('"runtimeClient": "ric" in function.json applies to that function only', async (t) => {
    const dist = mkdtempSync(join(tmpdir(), 'cadastro-dist-'));
    t.after(() => rmSync(dist, { recursive: true, force: true }));
    const function_ = (name: string, more: object) => ({ name, route: `GET /${name}`, code: `../..${code}`, ...more });
    const code = resolve('dist/fixtures/functions/crash');
    const functions = [function_('theirs', { runtimeClient: 'ric' }), function_('ours', {})];
    writeFileSync(join(dist, 'functions.json'), JSON.stringify(functions));
    const own = await routerFor(t, { FUNCTION_RUNTIME: 'node', DIST_FOLDER: dist });
    const commandOf = async (name: string) => {
      const { pid } = await json(fetch(`${own.url}/${name}`));
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    };
    assert.match(await commandOf('theirs'), /aws-lambda-ric/);
    assert.doesNotMatch(await commandOf('ours'), /aws-lambda-ric/);
  });
});

/** Sends one request. @returns the idle environment that has answered it */
async function environmentBehind(router: Router, path: string, name: string): Promise<EnvironmentStatus> {
  await (await fetch(router.url + path)).text();
  return environmentIn(router, name, 'idle');
}

test('without aws-lambda-ric the router ends with exit code 2 and a message of one line', async () => {
  await assert.rejects(
    start({ RIC_PATH: '/nowhere' }),
    ({ message }: Error) =>
      /^the router ended with 2: cadastro: .*aws-lambda-ric.*RIC_PATH is "\/nowhere"/.test(message) &&
      message.trim().split('\n').length === 1,
  );
});
