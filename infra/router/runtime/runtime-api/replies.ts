/**
 * What the Lambda Runtime API replies to a runtime. Status codes are those that its reference lists; bodies and error
 * types are those of AWS's own emulator, since the reference does not name them.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import type { ServerResponse } from 'node:http';

export interface Reply {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

const refusal = (status: number, errorType: string, errorMessage: string, headers?: Record<string, string>): Reply => ({
  status,
  body: JSON.stringify({ errorMessage, errorType }),
  ...(headers && { headers }),
});

export const replies = {
  accepted: { status: 202, body: '{"status":"OK"}' } as Reply,
  /** No invocation of that id waits for an answer: it never was, or has been answered. */
  invalidRequestId: refusal(400, 'InvalidRequestID', 'Invalid request ID'),
  invalidResponseMode: refusal(400, 'InvalidFunctionResponseMode', 'Invalid function response mode'),
  initIsOver: refusal(403, 'InvalidStateTransition', 'State transition from Ready to InitError failed for runtime'),
  notFound: refusal(404, 'NotFound', 'The Runtime API 2018-06-01 has no such path'),
  methodNotAllowed: (allow: string) => refusal(405, 'MethodNotAllowed', `Use ${allow}`, { allow }),
  invokeTimeout: refusal(410, 'InvokeTimeout', 'Invoke timeout'),
  payloadTooLarge: (limit: number) =>
    refusal(413, 'RequestEntityTooLarge', `Exceeded maximum allowed payload size (${limit} bytes).`),
  internalServerError: refusal(500, 'InternalServerError', 'Internal Server Error'),
};

export function send(response: ServerResponse, { status, body, headers }: Reply): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
