import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ClientEvents, RuntimeClient } from '../client.ts';
import type { Invocation, Outcome, Settle } from '../invocation.ts';
import { receive, toFunctionError } from './body.ts';
import { openEndpoint, type RuntimeApi } from './endpoint.ts';
import { eventJson } from './event-json.ts';
import { replies, send } from './replies.ts';
import { StreamedAnswer } from './streamed-answer.ts';

/** Bytes of a buffered answer at most: Lambda's 6 MB, and the 100 bytes that it allows on top. */
export const maxResponseBytes = 6 * 1024 * 1024 + 100;
const maxErrorBytes = maxResponseBytes;

interface InHand {
  invocation: Invocation;
  deadline: number;
  settle: Settle;
  /** Waits for a runtime to ask; has been handed out; its answer is being read. */
  state: 'waiting' | 'delivered' | 'answering';
}

/**
 * The line to any runtime that speaks the Lambda Runtime API: it asks for events, and this hands them out. A runtime
 * that has several requests for the next event open gets several events at once.
 */
export class RuntimeApiClient implements RuntimeClient, RuntimeApi {
  readonly #server: Server;
  readonly #arn: string;
  readonly #events: ClientEvents;
  readonly #inHand = new Map<string, InHand>();
  readonly #waiting = new Set<InHand>();
  readonly #polls = new Set<ServerResponse>();
  #asked = false;

  /**
   * @param arn    the function's ARN, for its context
   * @param opened gets the address for AWS_LAMBDA_RUNTIME_API once it can be called
   */
  constructor(arn: string, events: ClientEvents, opened: (address: string) => void) {
    this.#arn = arn;
    this.#events = events;
    this.#server = openEndpoint(this, opened, (error) =>
      events.initError({ errorType: 'Runtime.EndpointUnavailable', errorMessage: error.message }),
    );
  }

  invoke(invocation: Invocation, deadline: number, settle: Settle): void {
    const inHand: InHand = { invocation, deadline, settle, state: 'waiting' };
    this.#inHand.set(invocation.requestId, inHand);
    this.#waiting.add(inHand);
    this.#handOut();
  }

  /** A runtime can't be asked anything. */
  responds(): Promise<boolean> {
    return Promise.resolve(true);
  }

  close(): void {
    this.#waiting.clear();
    this.#inHand.clear();
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
    const inHand = this.#take(id, response);
    if (!inHand) return;
    if (mode === 'streaming') return this.#stream(inHand, request, response);
    const received = await receive(request, maxResponseBytes);
    if (received.type === 'whole') this.#settle(inHand, response, { type: 'payload', payload: received.body });
    else if (received.type === 'tooLarge') this.#refuseLarge(inHand, response);
    else inHand.state = 'delivered';
  }

  async error(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const inHand = this.#take(id, response);
    if (!inHand) return;
    const received = await receive(request, maxErrorBytes);
    if (received.type === 'whole') {
      const error = toFunctionError(received.body, request.headers['lambda-runtime-function-error-type']);
      this.#settle(inHand, response, { type: 'error', error });
    } else if (received.type === 'tooLarge') this.#refuseLarge(inHand, response);
    else inHand.state = 'delivered';
  }

  async initError(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#asked) return send(response, replies.initIsOver);
    const received = await receive(request, maxErrorBytes);
    if (received.type === 'brokenOff') return;
    const body = received.type === 'whole' ? received.body : Buffer.alloc(0);
    send(response, received.type === 'whole' ? replies.accepted : replies.payloadTooLarge(maxErrorBytes));
    this.#events.initError(toFunctionError(body, request.headers['lambda-runtime-function-error-type']));
  }

  /** Gives the events that wait to the runtime's open requests for one, first come, first served. */
  #handOut(): void {
    for (const inHand of this.#waiting) {
      const [poll] = this.#polls;
      if (!poll) return;
      this.#polls.delete(poll);
      this.#waiting.delete(inHand);
      inHand.state = 'delivered';
      this.#deliver(inHand, poll);
    }
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-next */
  #deliver({ invocation, deadline }: InHand, response: ServerResponse): void {
    const { requestId, traceId, clientContext } = invocation;
    const pieces = eventJson(invocation);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0),
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': deadline,
      'lambda-runtime-invoked-function-arn': this.#arn,
      ...(traceId && { 'lambda-runtime-trace-id': traceId }),
      ...(clientContext !== undefined && { 'lambda-runtime-client-context': asciiJson(clientContext) }),
    });
    const last = pieces.pop();
    for (const piece of pieces) response.write(piece);
    response.end(last);
  }

  /** The invocation that a runtime may answer now; otherwise the runtime is told why not. */
  #take(id: string, response: ServerResponse): InHand | undefined {
    const inHand = this.#inHand.get(id);
    if (inHand?.state !== 'delivered') {
      send(response, replies.invalidRequestId);
    } else if (Date.now() >= inHand.deadline) {
      send(response, replies.invokeTimeout);
    } else {
      inHand.state = 'answering';
      return inHand;
    }
    return undefined;
  }

  #settle(inHand: InHand, response: ServerResponse, outcome: Outcome): void {
    // The environment ends the invocation at its time-out, and what comes later is too late for this side too.
    if (Date.now() >= inHand.deadline) {
      send(response, replies.invokeTimeout);
      return;
    }
    this.#inHand.delete(inHand.invocation.requestId);
    send(response, replies.accepted);
    inHand.settle(outcome);
  }

  #refuseLarge(inHand: InHand, response: ServerResponse): void {
    this.#inHand.delete(inHand.invocation.requestId);
    send(response, replies.payloadTooLarge(maxResponseBytes));
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${maxResponseBytes} bytes).`;
    inHand.settle({
      type: 'failure',
      reason: 'size',
      error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage },
    });
  }

  #stream(inHand: InHand, request: IncomingMessage, response: ServerResponse): void {
    const contentType = request.headers['content-type'] ?? 'application/octet-stream';
    new StreamedAnswer(request, {
      begun: (stream) => inHand.settle({ type: 'stream', contentType, stream }),
      failed: (error) => inHand.settle({ type: 'error', error }),
      ended: () => {
        this.#inHand.delete(inHand.invocation.requestId);
        send(response, replies.accepted);
      },
    });
  }
}

/** JSON that may stand in a header. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
