import type { IncomingMessage } from 'node:http';
import type { FunctionError } from '../invocation.ts';

/** How a request's body came to its end: whole, past the limit, or broken off. */
export type Received = { type: 'whole'; body: Buffer } | { type: 'tooLarge' } | { type: 'brokenOff' };

/** Reads a body of at most so many bytes; of one that is larger, the rest is read and dropped. */
export function receive(request: IncomingMessage, limit: number): Promise<Received> {
  return new Promise((resolve) => {
    if (Number(request.headers['content-length'] ?? 0) > limit) {
      request.resume();
      return resolve({ type: 'tooLarge' });
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
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
 * The error that a runtime reports: in the body, or, where that is no error document, by its type alone.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror
 * @param errorType the header Lambda-Runtime-Function-Error-Type
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
