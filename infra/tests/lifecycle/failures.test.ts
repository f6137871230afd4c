/** Failures of functions: what the client and the log see, and that other functions see nothing. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openableGate } from '../support/gate.ts';
import { type LogLine, type Router, startRouter } from '../support/router.ts';
import { environmentIn, gone, json, routerFor, statusOf } from './environments.ts';

/** The message of an entry that `console.error(error)` has written. */
interface LoggedError {
  errorType: string;
  errorMessage: string;
  stackTrace: string[];
}

describe('a function that fails', { concurrency: 4 }, () => {
  let router: Router;
  before(async () => {
    router = await startRouter({ dist: 'dist/fixtures' });
  });
  after(async () => assert.equal(await router.stop(), 0));

  /** @returns the process id that a function has logged, other than a known one */
  async function loggedPid(name: string, known?: number): Promise<number> {
    const pidIn = ({ message }: LogLine) => Number(/^pid (\d+)$/.exec(String(message))?.[1]);
    return pidIn(await router.logged((line) => line.function === name && pidIn(line) > 0 && pidIn(line) !== known));
  }

  it('by an error in its handler keeps its process', async (t) => {
    const own = await routerFor(t);
    const first = await json(fetch(`${own.url}/handled-error`));
    assert.equal((await fetch(`${own.url}/handled-error?throw=1`)).status, 500);
    assert.deepEqual(await json(fetch(`${own.url}/handled-error`)), { pid: first.pid, calls: 3 });
    const line = await own.logged(({ level }) => level === 'ERROR');
    assert.equal(line.function, 'handled-error');
    assert.equal(typeof line.requestId, 'string');
    const { errorType, stackTrace } = line.message as LoggedError;
    assert.equal(errorType, 'TeapotError');
    assert.match(stackTrace.join(), /TeapotError: short and stout.*handler\.ts/);
  });

  it('by an error whose stack trace leads through a package keeps its process, and logs the error', async () => {
    const { pid } = await json(fetch(`${router.url}/package-error?throw=0`));
    assert.equal((await fetch(`${router.url}/package-error`)).status, 500);
    const line = await router.logged((one) => one.function === 'package-error' && one.level === 'ERROR');
    const { errorMessage, stackTrace } = line.message as LoggedError;
    assert.equal(errorMessage, 'the real reason');
    assert.match(stackTrace.join(), /package-error\/handler\.ts:6:9/);
    assert.deepEqual(await json(fetch(`${router.url}/package-error?throw=0`)), { pid });
  });

  it('does not show the error to the client', async () => {
    const response = await fetch(`${router.url}/handled-error?throw=1`);
    const text = await response.text();
    assert.doesNotMatch(text, /Teapot|short and stout/);
    assert.equal(JSON.parse(text).message, 'Internal Server Error');
  });

  it('by ending its process fails all invocations in it, and starts another process', async (t) => {
    const own = await routerFor(t);
    for (const how of ['exit', 'kill', 'throw', 'rejection']) {
      const { pid } = await json(fetch(`${own.url}/crash`));
      const gate = await openableGate(t);
      const beside = fetch(`${own.url}/crash?gate=${gate.url}`);
      await gate.arrived();
      const asked = await fetch(`${own.url}/crash?how=${how}`);
      assert.equal(asked.status, 502, how);
      assert.equal((await beside).status, 502, how);
      await gone(pid as number);
      const next = await json(fetch(`${own.url}/crash`));
      assert.notEqual(next.pid, pid);
      assert.equal((await fetch(`${own.url}/echo`)).status, 200);
    }
  });

  it('by an uncaught exception or rejection has the error in the log, with the request id', async () => {
    for (const [how, text] of [
      ['throw', 'out of hand'],
      ['rejection', 'nobody caught me'],
    ]) {
      const response = await fetch(`${router.url}/crash?how=${how}`);
      const line = await router.logged(({ errorMessage }) => errorMessage === text);
      assert.equal(line.level, 'FATAL');
      assert.equal(line.requestId, response.headers.get('x-request-id'));
    }
  });

  it('right after its answer has answered', async (t) => {
    const own = await routerFor(t);
    for (let i = 0; i < 3; i++) {
      const { pid } = await json(fetch(`${own.url}/crash?how=after`));
      assert.equal(typeof pid, 'number');
      await gone(pid as number);
    }
  });

  it('by filling its heap is ended at memorySize, and starts another process', async () => {
    assert.equal((await fetch(`${router.url}/memory-hog`)).status, 502);
    const line = await router.logged((one) => one.function === 'memory-hog' && /heap/i.test(String(one.message)));
    assert.equal(line.level, 'ERROR');
    await environmentIn(router, 'echo', 'idle');
  });

  it('by blocking its event loop is ended at its time-out', async () => {
    assert.equal((await fetch(`${router.url}/endless-loop`)).status, 504);
    const pid = await loggedPid('endless-loop');
    await gone(pid);
    assert.equal((await fetch(`${router.url}/endless-loop`)).status, 504);
    await loggedPid('endless-loop', pid);
  });

  it('by taking too long is answered 504 at its time-out, and its process ends', async () => {
    const response = await fetch(`${router.url}/times-out`);
    assert.equal(response.status, 504);
    const requestId = response.headers.get('x-request-id');
    const line = await router.logged((one) => one.requestId === requestId && one.reason === 'timeout');
    assert.equal(line.errorType, 'Sandbox.Timedout');
    assert.match(String(line.errorMessage), /Task timed out after 1\.00 seconds/);
    const pid = await loggedPid('times-out');
    await gone(pid);
    assert.equal((await fetch(`${router.url}/times-out`)).status, 504);
    await loggedPid('times-out', pid);
  });

  it('in INIT has error, name and stack in the log, and no more starts than the pauses allow', async (t) => {
    const own = await routerFor(t);
    const answers = await Promise.all(Array.from({ length: 5 }, () => fetch(`${own.url}/init-error`)));
    assert.ok(answers.every(({ status }) => status === 502));
    const line = await own.logged(({ message }) => message === 'INIT failed');
    assert.equal(line.function, 'init-error');
    assert.equal(line.errorType, 'RangeError');
    assert.equal(line.errorMessage, 'no luck at init');
    assert.match(String(line.trace), /RangeError: no luck at init.*handler\.ts/);
    for (let i = 0; i < 40; i++) assert.equal((await fetch(`${own.url}/init-error`)).status, 502);
    const starts = own.logs.filter(({ message }) => message === 'INIT failed').length;
    assert.ok(starts < 15, `${starts} starts`);
    assert.equal((await statusOf(own, 'init-error')).state, 'failed');
    assert.equal((await fetch(`${own.url}/echo`)).status, 200);
  });

  it('by taking too long in INIT is answered 502 at that limit, and its process ends', async (t) => {
    const own = await startRouter({
      dist: 'dist/fixtures',
      functions: ['init-slow'],
      env: { INIT_TIMEOUT_MS: '1500' },
    });
    t.after(() => own.stop());
    assert.equal((await fetch(`${own.url}/init-slow`)).status, 502);
    const line = await own.logged(({ message }) => message === 'INIT failed');
    assert.equal(line.errorType, 'Sandbox.Timedout');
    assert.equal(line.errorMessage, 'INIT timed out after 1.50 seconds');
    await gone(line.pid as number);
  });

  it('by writing malformed frames to the router is ended', async (t) => {
    const own = await routerFor(t);
    for (const how of [
      'huge-length',
      'short-length',
      'long-head',
      'unknown-kind',
      'no-json',
      'json-null',
      'bad-type',
    ]) {
      // Each case needs a new process, because the frames name its first invocation.
      const response = await fetch(`${own.url}/hostile?how=${how}`);
      assert.equal(response.status, 502, how);
      const requestId = response.headers.get('x-request-id');
      const line = await own.logged((one) => one.requestId === requestId && one.reason === 'exit');
      assert.equal(line.errorType, 'Runtime.MalformedFrame');
    }
    assert.equal((await fetch(`${own.url}/hostile`)).status, 200);
    assert.equal((await fetch(`${own.url}/echo`)).status, 200);
  });

  it('by answering twice has its first answer count', async (t) => {
    const own = await routerFor(t);
    const answer = await fetch(`${own.url}/hostile?how=twice`);
    assert.equal(answer.headers.get('x-from'), 'hostile');
    const { pid } = await json(fetch(`${own.url}/hostile`));
    assert.deepEqual(await json(fetch(`${own.url}/hostile?how=unknown-id`)), { pid });
    assert.equal((await statusOf(own, 'hostile')).inFlight, 0);
  });

  it('by streaming twice has its first stream count', async (t) => {
    const own = await routerFor(t);
    const answer = await fetch(`${own.url}/hostile?how=two-streams`);
    assert.equal(answer.headers.get('content-type'), 'a/b');
    await assert.rejects(answer.text());
    assert.equal((await fetch(`${own.url}/hostile`)).status, 200);
    assert.equal((await statusOf(own, 'hostile')).inFlight, 0);
  });
});
