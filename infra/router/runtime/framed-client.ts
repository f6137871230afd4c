/** The router's end of the framed channel to our own runtime client. */
import type { Duplex } from 'node:stream';
import { Flag, type Frame, FrameReader, FrameWriter, Kind, MalformedFrameError } from '../../wire/frames.ts';
import { isHeaderValue } from '../../wire/header-value.ts';
import type { InvokeHead } from '../../wire/heads.ts';
import { decodeWork, type ProcessWork } from '../../wire/work.ts';
import { AcknowledgedStream } from './acknowledged-stream.ts';
import { BrokenStreamError, type FunctionError, type Invocation, type Settle } from './invocation.ts';
import { InvocationTable } from './invocation-table.ts';
import type { RuntimeClient, RuntimeClientEvents } from './runtime-client.ts';

interface PendingInvocation {
  settle: Settle;
  /** Called when the process gives a prefetched event back. */
  giveBack: (() => void) | undefined;
  /** The streamed answer, once it has begun. */
  stream?: AcknowledgedStream;
}

/** Speaks to our own runtime client (infra/runtime-client/node). Many invocations may be in flight at once. */
export class FramedClient implements RuntimeClient {
  readonly #writer: FrameWriter;
  readonly #events: RuntimeClientEvents;
  readonly #arn: string;
  /** Their numbers are the channel ids of the frames. */
  readonly #pending = new InvocationTable<PendingInvocation>();
  /** Called in turn, one for each `pong` frame. */
  readonly #pongListeners: ((work: ProcessWork) => void)[] = [];

  /**
   * @param socket the router's end of the socket pair
   * @param arn    the function's ARN, for the context of its invocations
   */
  constructor(socket: Duplex, arn: string, events: RuntimeClientEvents) {
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
    // The environment notices a broken line by the exit of the process.
    socket.on('error', () => {});
  }

  invoke(invocation: Invocation, deadlineMs: number, settle: Settle): void {
    this.#send(Kind.invoke, invocation, { deadlineMs }, settle);
  }

  prefetch(invocation: Invocation, timeoutMs: number, settle: Settle, giveBack: () => void): void {
    this.#send(Kind.prefetch, invocation, { deadlineMs: Date.now() + timeoutMs, timeoutMs }, settle, giveBack);
  }

  #send(
    kind: number,
    { requestId, traceId, clientContext, event, body, payload, isBase64Encoded }: Invocation,
    limit: Pick<InvokeHead, 'deadlineMs' | 'timeoutMs'>,
    settle: Settle,
    giveBack?: () => void,
  ): void {
    const id = this.#pending.add({ settle, giveBack });
    const head: InvokeHead = { requestId, ...limit, arn: this.#arn, traceId, clientContext, event };
    let flags: number = Flag.none;
    if (payload) flags = Flag.payload;
    else if (body) flags = isBase64Encoded ? Flag.binaryBody : Flag.textBody;
    this.#writer.send(kind, flags, id, JSON.stringify(head), payload ?? body);
  }

  ping(maxWaitMs: number): Promise<ProcessWork | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), maxWaitMs);
      this.#pongListeners.push((work) => {
        clearTimeout(timer);
        resolve(work);
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
        this.#settle(frame.id)?.({ type: 'error', error: parseError(frame.head) });
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
        this.#pending.remove(frame.id)?.stream?.finish(new BrokenStreamError(parseError(frame.head)));
        break;
      case Kind.returned:
        this.#giveBack(frame.id);
        break;
      case Kind.ready:
        this.#events.ready();
        break;
      case Kind.initError:
        this.#events.initError(parseError(frame.head));
        break;
      case Kind.pong:
        this.#pongListeners.shift()?.(parseWork(frame.body));
        break;
      default:
        throw new MalformedFrameError(`a frame of kind ${frame.kind}`);
    }
  }

  #settle(id: number): Settle | undefined {
    const pending = this.#pending.remove(id);
    if (!pending?.stream) return pending?.settle;
    // The client may have got part of the stream, so it can't get the second answer.
    pending.stream.finish(
      new BrokenStreamError({ errorType: 'Runtime.MalformedFrame', errorMessage: 'There are two answers' }),
    );
    return undefined;
  }

  #giveBack(id: number): void {
    const giveBack = this.#pending.remove(id)?.giveBack;
    if (!giveBack) throw new MalformedFrameError('back an event that it has to keep');
    giveBack();
  }

  #startStream({ id, head }: Frame): void {
    const pending = this.#pending.get(id);
    if (!pending || pending.stream) return;
    const { contentType } = parseObject(head);
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

/** @throws Runtime.MalformedFrame */
function parseWork(body: Buffer): ProcessWork {
  try {
    return decodeWork(body);
  } catch {
    throw new MalformedFrameError('a pong without the work of its process');
  }
}

/** @throws Runtime.MalformedFrame */
function parseError(head: Buffer): FunctionError {
  const { errorType = 'Runtime.Unknown', errorMessage = '', trace } = parseObject(head);
  const error = { errorType: String(errorType), errorMessage: String(errorMessage) };
  return Array.isArray(trace) ? { ...error, trace: trace.map(String) } : error;
}

/** @throws Runtime.MalformedFrame */
function parseObject(head: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(head.toString());
  } catch {
    // Not JSON: the error below says so.
  }
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new MalformedFrameError('a head that is not a JSON object');
}
