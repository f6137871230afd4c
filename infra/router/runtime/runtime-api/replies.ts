/**
 * The replies of the Lambda Runtime API to a runtime. The status codes come from its reference. The reference names no bodies
 * and error types, so these come from AWS's own emulator (aws-lambda-runtime-interface-emulator).
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import type { ServerResponse } from 'node:http';

/** A reply with a JSON body. */
export interface RuntimeApiReply {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

const refusal = (
  status: number,
  errorType: string,
  errorMessage: string,
  headers?: Record<string, string>,
): RuntimeApiReply => ({
  status,
  body: JSON.stringify({ errorMessage, errorType }),
  ...(headers && { headers }),
});

/** All replies, except for the one that hands out an event. */
export const replies = {
  accepted: { status: 202, body: '{"status":"OK"}' } as RuntimeApiReply,
  /** No invocation with that id waits for an answer: the id is unknown, or its answer has arrived. */
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

/** Sends a reply, unless the runtime has closed the connection. */
export function send(response: ServerResponse, { status, body, headers }: RuntimeApiReply): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
