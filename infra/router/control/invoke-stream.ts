/**
 * The operation InvokeWithResponseStream.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */
import { pipeline } from 'node:stream/promises';
import { plainAddress } from '../../http/client-key.ts';
import type { FunctionError } from '../runtime/invocation.ts';
import { tooManyRequests } from './api-error.ts';
import { encodeEvent } from './event-stream.ts';
import { type ControlContext, readInvocation } from './invocation-request.ts';
import { executedVersion } from './invoke.ts';
import { type AdmittedOutcome, readInvokeResult, streamError } from './invoke-result.ts';
import type { Operation } from './operations.ts';
import { runInvocation } from './run-invocation.ts';

const types = ['RequestResponse', 'DryRun'] as const;

/** @returns the operation; it writes its answer itself, chunk by chunk */
export function createInvokeWithResponseStream(context: ControlContext): Operation {
  const limit = context.config.maxPayloadBytes;
  return async (call) => {
    const request = await readInvocation(call, context, types);
    if (request.type === 'DryRun') {
      request.release();
      return { status: 204, headers: executedVersion };
    }
    const { requestId, response } = call;
    const end = context.limits.streams.begin(plainAddress(call.request.socket.remoteAddress ?? ''));
    if (typeof end === 'string') {
      request.release();
      throw tooManyRequests('CallerRateLimitExceeded');
    }
    if (response.closed) end();
    else response.once('close', end);
    const { outcome, finishLog, dropLog } = await runInvocation(request, context.tails);
    response.writeHead(200, {
      ...executedVersion,
      'content-type': 'application/vnd.amazon.eventstream',
      'x-amzn-requestid': requestId,
    });
    response.flushHeaders();
    context.limits.unreadResponses.limitStream(response);
    // A client that leaves breaks the stream. Nobody is left to receive the error.
    await pipeline(events(outcome, finishLog, requestId, limit), response).catch(dropLog);
    return undefined;
  };
}

/** Yields the answer's chunks as they come, or one chunk when the function does not stream, and then how it ended. */
async function* events(
  outcome: AdmittedOutcome,
  finishLog: () => Promise<string | undefined>,
  requestId: string,
  limit: number,
): AsyncGenerator<Uint8Array> {
  let error: FunctionError | undefined;
  if (outcome.type === 'stream') {
    try {
      for await (const chunk of outcome.stream) yield chunkEvent(chunk);
    } catch (thrown) {
      error = streamError(thrown, requestId);
    }
  } else {
    const answer = await readInvokeResult(outcome, requestId, limit);
    if (answer.type === 'answer') yield chunkEvent(answer.payload);
    else error = answer.error;
  }
  const complete = {
    ...(error && { ErrorCode: 'Unhandled', ErrorDetails: JSON.stringify(error) }),
    LogResult: await finishLog(),
  };
  yield encodeEvent('InvokeComplete', 'application/json', Buffer.from(JSON.stringify(complete)));
}

function chunkEvent(chunk: Uint8Array): Uint8Array {
  return encodeEvent('PayloadChunk', 'application/octet-stream', chunk);
}
