/**
 * The ways to answer that Lambda's runtimes up to Node.js 22 have besides a promise: the callback that a handler takes as its
 * third parameter, and succeed, fail and done of its context.
 * @see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client, version 3: src/CallbackContext.js
 */
import { NodeJsExitError } from './runtime-errors.ts';

/** A callback in the manner of Node.js: the error, or the result. */
export type Callback = (error?: unknown, result?: unknown) => void;

/** A handler of these runtimes. */
type CallbackHandler = (event: unknown, context: unknown, callback: Callback) => unknown;

/** The last runtime with callbacks. */
const lastMajor = 22;

/**
 * Tells whether a runtime has callbacks.
 * @param executionEnvironment AWS_EXECUTION_ENV, such as "AWS_Lambda_nodejs22.x"
 */
export function hasCallbacks(executionEnvironment = ''): boolean {
  const major = /nodejs(\d+)\.x$/.exec(executionEnvironment)?.[1];
  return major !== undefined && Number(major) <= lastMajor;
}

/** Answers the invocation that waits for an empty event loop. One invocation at a time can wait. */
let onEmpty: (() => void) | undefined;
let listens = false;

function whenEmpty(answer: () => void): void {
  onEmpty = answer;
  if (listens) return;
  listens = true;
  process.on('beforeExit', () => {
    onEmpty?.();
    onEmpty = undefined;
  });
}

/**
 * Calls a handler as these runtimes do. Its first answer counts: by callback, by the context, or by a promise. A value that it
 * returns does not count.
 * @param context gets succeed, fail, done and callbackWaitsForEmptyEventLoop
 * @param isAlone whether no other invocation runs meanwhile. Only then does a callback wait for an empty event loop.
 * @returns a promise of the answer. It rejects with what the handler threw or passed as an error.
 */
export function callWithCallback(
  handle: CallbackHandler,
  event: unknown,
  context: object,
  isAlone: boolean,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const first =
      <Values extends unknown[]>(answer: (...values: Values) => void) =>
      (...values: Values) => {
        if (isAnswered) return;
        isAnswered = true;
        onEmpty = undefined;
        answer(...values);
      };
    const settle: Callback = (error, result) =>
      error === undefined || error === null ? resolve(result) : reject(error);
    const done = first(settle);
    const legacy = {
      callbackWaitsForEmptyEventLoop: true,
      succeed: (result?: unknown) => done(null, result),
      fail: (error?: unknown) => done(error ?? 'handled'),
      done,
    };
    const callback = first((error?: unknown, result?: unknown) => {
      const waits = isAlone && legacy.callbackWaitsForEmptyEventLoop && (error === undefined || error === null);
      if (waits) whenEmpty(() => setImmediate(resolve, result));
      else settle(error, result);
    });
    // Without any answer these runtimes answer null, or with an error if the handler is an async function.
    const giveUp =
      handle.constructor.name === 'AsyncFunction' ? () => done(new NodeJsExitError()) : () => done(null, null);
    if (isAlone) whenEmpty(giveUp);
    try {
      const returned = handle(event, Object.assign(legacy, context), callback);
      const { then } = (returned ?? {}) as PromiseLike<unknown>;
      if (typeof then === 'function') Promise.resolve(returned).then(legacy.succeed, legacy.fail);
    } catch (error) {
      callback(error);
    }
  });
}
