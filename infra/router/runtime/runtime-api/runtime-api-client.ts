/** The router's end of the Lambda Runtime API, which aws-lambda-ric and every custom runtime speak. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ProcessWork } from '../../../wire/work.ts';
import type { Invocation, InvocationOutcome, Settle } from '../invocation.ts';
import type { RuntimeClient, RuntimeClientEvents } from '../runtime-client.ts';
import { openEndpoint, type RuntimeApi } from './endpoint.ts';
import { eventJson } from './event-json.ts';
import { receiveBody, toFunctionError } from './received-body.ts';
import { replies, send } from './replies.ts';
import { StreamedAnswer } from './streamed-answer.ts';

/** Limit of a buffered answer: Lambda's 6 MB, and the 100 bytes that it allows on top. */
export const maxResponseBytes = 6 * 1024 * 1024 + 100;
const maxErrorBytes = maxResponseBytes;

interface InvocationInFlight {
  invocation: Invocation;
  /** Milliseconds since the epoch. */
  deadlineMs: number;
  settle: Settle;
  /** `waiting`: the runtime has not asked for it. `delivered`: the runtime has it. `answering`: its answer is arriving. */
  state: 'waiting' | 'delivered' | 'answering';
}

/**
 * Hands events to the runtime that asks for them. A runtime with several open requests for the next event gets several
 * events at once.
 */
export class RuntimeApiClient implements RuntimeClient, RuntimeApi {
  readonly #server: Server;
  readonly #arn: string;
  readonly #events: RuntimeClientEvents;
  /** The invocations in flight, by request id. */
  readonly #inFlight = new Map<string, InvocationInFlight>();
  readonly #waiting = new Set<InvocationInFlight>();
  /** The runtime's open requests for the next event. */
  readonly #polls = new Set<ServerResponse>();
  /** Set by the first of these requests, which ends INIT. */
  #asked = false;

  /**
   * @param arn    the function's ARN, for the context of its invocations
   * @param pid    of the function's process, which alone may connect
   * @param opened called with the address for AWS_LAMBDA_RUNTIME_API, as soon as it can be called
   */
  constructor(arn: string, events: RuntimeClientEvents, pid: number, opened: (address: string) => void) {
    this.#arn = arn;
    this.#events = events;
    this.#server = openEndpoint(this, pid, opened, (error) =>
      events.initError({ errorType: 'Runtime.EndpointUnavailable', errorMessage: error.message }),
    );
  }

  invoke(invocation: Invocation, deadlineMs: number, settle: Settle): void {
    const one: InvocationInFlight = { invocation, deadlineMs, settle, state: 'waiting' };
    this.#inFlight.set(invocation.requestId, one);
    this.#waiting.add(one);
    this.#handOut();
  }

  /** The Runtime API has no way to ask a runtime anything. */
  ping(): Promise<ProcessWork> {
    return Promise.resolve({ activeMs: 0, ended: 0, ranMs: 0 });
  }

  close(): void {
    this.#waiting.clear();
    this.#inFlight.clear();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  next(response: ServerResponse): void {
    this.#polls.add(response);
    response.on('close', () => this.#polls.delete(response));
    if (!this.#asked) {
      this.#asked = true;
      this.#events.ready();
    }
    this.#handOut();
  }

  async response(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const mode = request.headers['lambda-runtime-function-response-mode'] ?? 'buffered';
    if (mode !== 'buffered' && mode !== 'streaming') return send(response, replies.invalidResponseMode);
    const one = this.#take(id, response);
    if (!one) return;
    if (mode === 'streaming') return this.#stream(one, request, response);
    const received = await receiveBody(request, maxResponseBytes);
    if (received.type === 'whole') this.#settle(one, response, { type: 'payload', payload: received.body });
    else if (received.type === 'tooLarge') this.#refuseLarge(one, response);
    else one.state = 'delivered';
  }

  async error(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const one = this.#take(id, response);
    if (!one) return;
    const received = await receiveBody(request, maxErrorBytes);
    if (received.type === 'whole') {
      const error = toFunctionError(received.body, request.headers['lambda-runtime-function-error-type']);
      this.#settle(one, response, { type: 'error', error });
    } else if (received.type === 'tooLarge') this.#refuseLarge(one, response);
    else one.state = 'delivered';
  }

  async initError(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#asked) return send(response, replies.initIsOver);
    const received = await receiveBody(request, maxErrorBytes);
    if (received.type === 'brokenOff') return;
    const body = received.type === 'whole' ? received.body : Buffer.alloc(0);
    send(response, received.type === 'whole' ? replies.accepted : replies.payloadTooLarge(maxErrorBytes));
    this.#events.initError(toFunctionError(body, request.headers['lambda-runtime-function-error-type']));
  }

  /** Gives waiting events to open requests, first come, first served. */
  #handOut(): void {
    for (const one of this.#waiting) {
      const [poll] = this.#polls;
      if (!poll) return;
      this.#polls.delete(poll);
      this.#waiting.delete(one);
      one.state = 'delivered';
      this.#deliver(one, poll);
    }
  }

  /** @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-next */
  #deliver({ invocation, deadlineMs }: InvocationInFlight, response: ServerResponse): void {
    const { requestId, traceId, clientContext } = invocation;
    const pieces = eventJson(invocation);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0),
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': deadlineMs,
      'lambda-runtime-invoked-function-arn': this.#arn,
      ...(traceId && { 'lambda-runtime-trace-id': traceId }),
      ...(clientContext !== undefined && { 'lambda-runtime-client-context': asciiJson(clientContext) }),
    });
    const last = pieces.pop();
    for (const piece of pieces) response.write(piece);
    response.end(last);
  }

  /** @returns the invocation that the runtime may answer now; undefined after a reply that refuses the answer */
  #take(id: string, response: ServerResponse): InvocationInFlight | undefined {
    const one = this.#inFlight.get(id);
    if (one?.state !== 'delivered') {
      send(response, replies.invalidRequestId);
    } else if (Date.now() >= one.deadlineMs) {
      send(response, replies.invokeTimeout);
    } else {
      one.state = 'answering';
      return one;
    }
    return undefined;
  }

  #settle(one: InvocationInFlight, response: ServerResponse, outcome: InvocationOutcome): void {
    // The environment has failed the invocation at its time-out, so this answer is too late.
    if (Date.now() >= one.deadlineMs) {
      send(response, replies.invokeTimeout);
      return;
    }
    this.#inFlight.delete(one.invocation.requestId);
    send(response, replies.accepted);
    one.settle(outcome);
  }

  #refuseLarge(one: InvocationInFlight, response: ServerResponse): void {
    this.#inFlight.delete(one.invocation.requestId);
    send(response, replies.payloadTooLarge(maxResponseBytes));
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${maxResponseBytes} bytes).`;
    one.settle({
      type: 'failure',
      reason: 'size',
      error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage },
    });
  }

  #stream(one: InvocationInFlight, request: IncomingMessage, response: ServerResponse): void {
    const contentType = request.headers['content-type'] ?? 'application/octet-stream';
    new StreamedAnswer(request, {
      begun: (stream) => one.settle({ type: 'stream', contentType, stream }),
      failed: (error) => one.settle({ type: 'error', error }),
      ended: () => {
        this.#inFlight.delete(one.invocation.requestId);
        send(response, replies.accepted);
      },
    });
  }
}

/** @returns JSON in ASCII, which a header can hold */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
