import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { BrokenStreamError, type FunctionError } from '../invocation.ts';
import { toFunctionError } from './body.ts';

export interface StreamedAnswerEvents {
  /** The first bytes are there, or the answer has ended without any. */
  begun(stream: Readable): void;
  /** The handler failed before it wrote anything. */
  failed(error: FunctionError): void;
  /** The request was read to its end. */
  ended(): void;
}

/**
 * A streamed answer on its way from a runtime. It reads no faster than it is read; an error in the trailers breaks it.
 * When its reader goes away it drops the rest, and closes only once the runtime has sent all: until then the handler
 * still runs, and its environment has no room.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
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

/** The error that the handler ended with after the answer had begun; its body is base64. */
function trailingError({ trailers }: IncomingMessage): FunctionError | undefined {
  const type = trailers['lambda-runtime-function-error-type'];
  const body = trailers['lambda-runtime-function-error-body'];
  if (type === undefined && body === undefined) return undefined;
  return toFunctionError(Buffer.from(String(body ?? ''), 'base64'), type);
}
