/** How an invocation ended, as the Invoke API tells it: an answer in one piece, or an error in Lambda's form. */
import type { Readable } from 'node:stream';
import { BrokenStreamError, type FunctionError, type Outcome } from '../runtime/invocation.ts';

/** Of an invocation that was let in. */
export type AdmittedOutcome = Exclude<Outcome, { type: 'throttled' }>;

export type InvokeResult =
  | { type: 'answer'; payload: Buffer; contentType: string }
  | { type: 'error'; error: FunctionError };

/**
 * Reads an outcome to its end; a streamed answer is collected, as Lambda does where the client wants it whole.
 * @param limit bytes that an answer may have
 */
export async function readInvokeResult(
  outcome: AdmittedOutcome,
  requestId: string,
  limit: number,
): Promise<InvokeResult> {
  switch (outcome.type) {
    case 'error':
    case 'failure':
      return { type: 'error', error: toError(outcome.error, requestId) };
    case 'stream':
      try {
        return bounded(await collect(outcome.stream, limit), limit, outcome.contentType);
      } catch (error) {
        return { type: 'error', error: streamError(error, requestId) };
      }
    case 'payload':
      return bounded(outcome.payload, limit);
    case 'proxy':
      try {
        return bounded(join(outcome), limit);
      } catch {
        const errorMessage = 'The runtime client sent an answer whose head is not JSON';
        return { type: 'error', error: { errorType: 'Runtime.MalformedFrame', errorMessage } };
      }
  }
}

/** The error of a stream that broke. */
export function streamError(error: unknown, requestId: string): FunctionError {
  if (error instanceof BrokenStreamError) return toError(error.error, requestId);
  return { errorType: 'Runtime.TruncatedResponse', errorMessage: (error as Error).message };
}

/** Lambda says for which request a process ended, as it does in its log. */
function toError(error: FunctionError, requestId: string): FunctionError {
  if (error.errorType !== 'Runtime.ExitError') return error;
  return { ...error, errorMessage: `RequestId: ${requestId} Error: ${error.errorMessage}` };
}

function bounded(payload: Buffer, limit: number, contentType = 'application/json'): InvokeResult {
  if (payload.length <= limit) return { type: 'answer', payload, contentType };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${limit} bytes).`;
  return { type: 'error', error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage } };
}

/** Stops one chunk past the limit. */
async function collect(stream: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) break;
  }
  return Buffer.concat(chunks);
}

/** An answer in API Gateway's form that came with its body apart, as the one object that the handler returned. */
function join({ head, body }: AdmittedOutcome & { type: 'proxy' }): Buffer {
  const fields = JSON.parse(head.toString());
  const text = body.toString(fields.isBase64Encoded === true ? 'base64' : 'utf8');
  return Buffer.from(JSON.stringify({ ...fields, body: text }));
}
