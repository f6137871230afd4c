/** Reads the body of a runtime's request to the Runtime API. */
import type { IncomingMessage } from 'node:http';
import type { FunctionError } from '../invocation.ts';

/** How the reading of a body ended: with the whole body, at the limit, or because the connection broke. */
export type ReceivedBody = { type: 'whole'; body: Buffer } | { type: 'tooLarge' } | { type: 'brokenOff' };

/**
 * Reads a body. Of a body above the limit it reads and drops the rest.
 * @param maxBytes the limit (bytes)
 */
export function receiveBody(request: IncomingMessage, maxBytes: number): Promise<ReceivedBody> {
  return new Promise((resolve) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
      request.resume();
      return resolve({ type: 'tooLarge' });
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else resolve({ type: 'tooLarge' });
    });
    request.on('end', () => {
      resolve({ type: 'whole', body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) });
    });
    request.on('error', () => {});
    request.on('close', () => resolve({ type: 'brokenOff' }));
  });
}

/**
 * Reads the error that a runtime reports.
 * @param body      the error document; anything else leaves the type alone
 * @param errorType the header Lambda-Runtime-Function-Error-Type
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror
 */
export function toFunctionError(body: Buffer, errorType: string | string[] | undefined): FunctionError {
  let report: Record<string, unknown> = {};
  try {
    report = Object(JSON.parse(body.toString()));
  } catch {}
  const { errorMessage, trace, stackTrace } = report;
  const lines = trace ?? stackTrace;
  return {
    errorType: String(report.errorType ?? errorType ?? 'Runtime.Unknown'),
    errorMessage: String(errorMessage ?? ''),
    ...(Array.isArray(lines) && { trace: lines.map(String) }),
  };
}
