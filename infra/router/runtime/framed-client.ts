import type { Duplex } from 'node:stream';
import { Flag, type Frame, FrameReader, FrameWriter, Kind, MalformedFrameError } from '../../wire/frames.ts';
import { isHeaderValue } from '../../wire/header-value.ts';
import { AcknowledgedStream } from './acknowledged-stream.ts';
import type { ClientEvents, RuntimeClient } from './client.ts';
import { BrokenStreamError, type FunctionError, type Invocation, type Settle } from './invocation.ts';
import { Register } from './invocation-table.ts';

interface Pending {
  settle: Settle;
  stream?: AcknowledgedStream;
}

/** The line to our own runtime client (bootstrap/): frames over a socket pair, many invocations in hand at once. */
export class FramedClient implements RuntimeClient {
  readonly #writer: FrameWriter;
  readonly #events: ClientEvents;
  readonly #arn: string;
  /** By the ids of their channels. */
  readonly #pending = new Register<Pending>();
  #pongs: (() => void)[] = [];

  /**
   * @param socket the router's end of the socket pair
   * @param arn    the function's ARN, for its context
   */
  constructor(socket: Duplex, arn: string, events: ClientEvents) {
    this.#writer = new FrameWriter(socket);
    this.#events = events;
    this.#arn = arn;
    const reader = new FrameReader((frame) => this.#receive(frame));
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        socket.destroy();
        const { message } = error as Error;
        events.broken({ errorType: 'Runtime.MalformedFrame', errorMessage: `The runtime client sent ${message}` });
      }
    });
    // A broken line shows as the exit of the process, which its environment watches.
    socket.on('error', () => {});
  }

  invoke(invocation: Invocation, deadline: number, settle: Settle): void {
    const id = this.#pending.add({ settle });
    const { requestId, traceId, clientContext, event, body, payload, isBase64Encoded } = invocation;
    const head = JSON.stringify({ requestId, deadline, arn: this.#arn, traceId, clientContext, event });
    const flags = payload
      ? Flag.payload
      : body === undefined
        ? Flag.none
        : isBase64Encoded
          ? Flag.binaryBody
          : Flag.textBody;
    this.#writer.send(Kind.invoke, flags, id, head, payload ?? body);
  }

  responds(milliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), milliseconds);
      this.#pongs.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
      this.#writer.send(Kind.ping, Flag.none, 0);
    });
  }

  close(): void {
    for (const { stream } of this.#pending.all()) stream?.finish(new Error('The function ended in mid-answer'));
  }

  #receive(frame: Frame): void {
    switch (frame.kind) {
      case Kind.response:
        this.#settle(frame.id)?.(
          frame.flags & Flag.payload
            ? { type: 'payload', payload: frame.body }
            : { type: 'proxy', head: frame.head, body: frame.body },
        );
        break;
      case Kind.error:
        this.#settle(frame.id)?.({ type: 'error', error: parse(frame.head) });
        break;
      case Kind.streamStart:
        this.#startStream(frame);
        break;
      case Kind.streamChunk:
        this.#pending.get(frame.id)?.stream?.accept(frame.body);
        break;
      case Kind.streamEnd:
        this.#pending.remove(frame.id)?.stream?.finish();
        break;
      case Kind.streamError:
        this.#pending.remove(frame.id)?.stream?.finish(new BrokenStreamError(parse(frame.head)));
        break;
      case Kind.ready:
        this.#events.ready();
        break;
      case Kind.initError:
        this.#events.initError(parse(frame.head));
        break;
      case Kind.pong:
        this.#pongs.shift()?.();
        break;
      default:
        throw new MalformedFrameError(`a frame of kind ${frame.kind}`);
    }
  }

  #settle(id: number): Settle | undefined {
    const pending = this.#pending.remove(id);
    if (!pending?.stream) return pending?.settle;
    // A stream that has begun can't become another answer.
    pending.stream.finish(
      new BrokenStreamError({ errorType: 'Runtime.MalformedFrame', errorMessage: 'There are two answers' }),
    );
    return undefined;
  }

  #startStream({ id, head }: Frame): void {
    const pending = this.#pending.get(id);
    if (!pending || pending.stream) return;
    const { contentType } = object(head);
    if (typeof contentType !== 'string' || !isHeaderValue(contentType)) {
      throw new MalformedFrameError(`the content type ${JSON.stringify(contentType)}`);
    }
    pending.stream = new AcknowledgedStream((bytes) => {
      const body = Buffer.allocUnsafe(4);
      body.writeUInt32LE(bytes);
      this.#writer.send(Kind.streamAcknowledged, Flag.none, id, '', body);
    });
    pending.settle({ type: 'stream', contentType, stream: pending.stream });
  }
}

function parse(head: Buffer): FunctionError {
  const { errorType, errorMessage, trace } = object(head);
  const error = { errorType: String(errorType), errorMessage: String(errorMessage) };
  return Array.isArray(trace) ? { ...error, trace: trace.map(String) } : error;
}

/** @throws MalformedFrameError */
function object(head: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(head.toString());
  } catch {
    // Said below.
  }
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new MalformedFrameError('a head that is no JSON object');
}
