/** A streamed answer that comes over the Runtime API. */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { BrokenStreamError, type FunctionError } from '../invocation.ts';
import { toFunctionError } from './received-body.ts';

/** The events that a streamed answer reports. */
export interface StreamedAnswerEvents {
  /** The first bytes have arrived, or the answer has ended without any. */
  begun(stream: Readable): void;
  /** The handler failed before it wrote anything. */
  failed(error: FunctionError): void;
  /** The request was read to its end. */
  ended(): void;
}

/**
 * Reads a request's body no faster than its own reader reads (back-pressure). An error in the trailers breaks the stream.
 *
 * When its reader goes away, the stream drops the rest of the answer. It closes only when the runtime has sent everything,
 * because the handler runs until then and its environment has no room.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
 */
export class StreamedAnswer extends Readable {
  readonly #request: IncomingMessage;
  #begun = false;
  #whenOver: (() => void) | undefined;

  constructor(request: IncomingMessage, events: StreamedAnswerEvents) {
    super();
    this.#request = request;
    const begin = () => {
      if (this.#begun) return;
      this.#begun = true;
      events.begun(this);
    };
    request.on('data', (chunk: Buffer) => {
      if (this.destroyed) return;
      if (!this.push(chunk)) request.pause();
      begin();
    });
    request.on('end', () => {
      const error = trailingError(request);
      events.ended();
      if (error && !this.#begun) events.failed(error);
      else {
        if (error) this.destroy(new BrokenStreamError(error));
        else this.push(null);
        begin();
      }
      this.#over();
    });
    request.on('error', () => {});
    request.on('close', () => {
      if (!request.complete) this.destroy(new Error('The function ended in mid-answer'));
      this.#over();
    });
  }

  override _read(): void {
    this.#request.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#request.complete || this.#request.destroyed) {
      done(error);
      return;
    }
    this.#whenOver = () => done(error);
    this.#request.resume();
  }

  #over(): void {
    this.#whenOver?.();
    this.#whenOver = undefined;
  }
}

/** @returns the error that the handler ended with after the answer had begun; its body is base64 */
function trailingError({ trailers }: IncomingMessage): FunctionError | undefined {
  const type = trailers['lambda-runtime-function-error-type'];
  const body = trailers['lambda-runtime-function-error-body'];
  if (type === undefined && body === undefined) return undefined;
  return toFunctionError(Buffer.from(String(body ?? ''), 'base64'), type);
}
