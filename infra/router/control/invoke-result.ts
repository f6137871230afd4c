/** Reads the outcome of an invocation to its end, as the Invoke API reports it. */
import type { Readable } from 'node:stream';
import { BrokenStreamError, type FunctionError, type InvocationOutcome } from '../runtime/invocation.ts';

/** The outcome of an invocation that was not throttled. */
export type AdmittedOutcome = Exclude<InvocationOutcome, { type: 'throttled' }>;

/** An answer in one piece, or an error in Lambda's form. */
export type InvokeResult =
  | { type: 'answer'; payload: Buffer; contentType: string }
  | { type: 'error'; error: FunctionError };

/**
 * Reads an outcome to its end. It collects a streamed answer, as Lambda does for clients of Invoke.
 * @param maxBytes size that an answer may have; a larger one becomes Function.ResponseSizeTooLarge
 */
export async function readInvokeResult(
  outcome: AdmittedOutcome,
  requestId: string,
  maxBytes: number,
): Promise<InvokeResult> {
  switch (outcome.type) {
    case 'error':
    case 'failure':
      return { type: 'error', error: toError(outcome.error, requestId) };
    case 'stream':
      try {
        return bounded(await collect(outcome.stream, maxBytes), maxBytes, outcome.contentType);
      } catch (error) {
        return { type: 'error', error: streamError(error, requestId) };
      }
    case 'payload':
      return bounded(outcome.payload, maxBytes);
    case 'proxy':
      try {
        return bounded(join(outcome), maxBytes);
      } catch {
        const errorMessage = 'The runtime client sent an answer whose head is not JSON';
        return { type: 'error', error: { errorType: 'Runtime.MalformedFrame', errorMessage } };
      }
  }
}

/**
 * Tells why a streamed answer broke.
 * @param error what the stream was destroyed with
 */
export function streamError(error: unknown, requestId: string): FunctionError {
  if (error instanceof BrokenStreamError) return toError(error.error, requestId);
  return { errorType: 'Runtime.TruncatedResponse', errorMessage: (error as Error).message };
}

/** Lambda names the request in the message of an error by which a process ended. */
function toError(error: FunctionError, requestId: string): FunctionError {
  if (error.errorType !== 'Runtime.ExitError') return error;
  return { ...error, errorMessage: `RequestId: ${requestId} Error: ${error.errorMessage}` };
}

function bounded(payload: Buffer, maxBytes: number, contentType = 'application/json'): InvokeResult {
  if (payload.length <= maxBytes) return { type: 'answer', payload, contentType };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${maxBytes} bytes).`;
  return { type: 'error', error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage } };
}

/** Collects a stream, up to one chunk past the limit. */
async function collect(stream: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) break;
  }
  return Buffer.concat(chunks);
}

/** Joins head and body of an answer in API Gateway's form into the JSON object that the handler returned. */
function join({ head, body }: AdmittedOutcome & { type: 'proxy' }): Buffer {
  const fields = JSON.parse(head.toString());
  const text = body.toString(fields.isBase64Encoded === true ? 'base64' : 'utf8');
  return Buffer.from(JSON.stringify({ ...fields, body: text }));
}
