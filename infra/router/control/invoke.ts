/**
 * The operation Invoke.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */

import { tooManyRequests } from './api-error.ts';
import { type ControlContext, readInvocation } from './invocation-request.ts';
import { readInvokeResult } from './invoke-result.ts';
import type { Operation } from './operations.ts';
import { runInvocation } from './run-invocation.ts';

const types = ['Event', 'RequestResponse', 'DryRun'] as const;

/** @returns the operation */
export function createInvoke(context: ControlContext): Operation {
  const { config, tails, queue } = context;
  return async (call) => {
    const request = await readInvocation(call, context, types);
    const { pool, type, invocation } = request;
    // A queued event counts among those of the queue from now on.
    if (type !== 'RequestResponse') request.release();
    if (type === 'DryRun') return { status: 204, headers: executedVersion };
    if (type === 'Event') {
      const { requestId, payload, traceId } = invocation;
      const taken = queue.add({ functionName: pool.configuration.name, requestId, payload, traceId });
      if (!taken) throw tooManyRequests('CallerRateLimitExceeded');
      return { status: 202 };
    }
    const { outcome, finishLog } = await runInvocation(request, tails);
    const result = await readInvokeResult(outcome, invocation.requestId, config.maxPayloadBytes);
    const logResult = await finishLog();
    const headers = { ...executedVersion, ...(logResult && { 'x-amz-log-result': logResult }) };
    if (result.type === 'answer') {
      return { status: 200, headers: { ...headers, 'content-type': result.contentType }, body: result.payload };
    }
    // Since runtimes speak the Runtime API they report every error as unhandled. "Handled" came from older runtimes.
    return { status: 200, headers: { ...headers, 'x-amz-function-error': 'Unhandled' }, body: result.error };
  };
}

/** Header of every answer of an invocation. */
export const executedVersion = { 'x-amz-executed-version': '$LATEST' };
