/**
 * The framed channel between the router and the runtime client in a function process, over one socket pair.
 *
 *     0   u32  bytes that follow this field (little endian, as all numbers here)
 *     4   u8   kind
 *     5   u8   flags
 *     6   u32  channel id of the invocation; 0 for frames about the process
 *     10  u32  bytes of head
 *     14       head (JSON, UTF-8), then body (bytes as they are)
 *
 * Head and body are apart so that a body is never JSON-escaped only to be unescaped at the other end.
 */
import type { Duplex } from 'node:stream';

export const Kind = {
  // router → process
  invoke: 1,
  ping: 2,
  streamAcknowledged: 3,
  // process → router
  ready: 16,
  initError: 17,
  response: 18,
  error: 19,
  pong: 20,
  streamStart: 21,
  streamChunk: 22,
  streamEnd: 23,
  streamError: 24,
} as const;

export const Flag = {
  none: 0,
  /** invoke: the event has a body, as text in UTF-8; response: head has all but the body, body its text. */
  textBody: 1,
  /** invoke: the event's body is to be base64; response: the body was base64 and is decoded here. */
  binaryBody: 2,
  /** invoke: the body is the event itself, as JSON, and the answer is wanted as JSON. */
  payload: 4,
} as const;

const lengthBytes = 4;
const headerBytes = 14;
/** Bytes of a frame at most: five times what Lambda takes for an event or an answer. */
export const maxFrameBytes = 32 * 1024 * 1024;
/** Bodies from this size on are handed to the socket as they are instead of being copied behind their header. */
const copyLimit = 64 * 1024;

/** What came over the channel is no frame; nothing that follows can be read. */
export class MalformedFrameError extends Error {
  override name = 'Runtime.MalformedFrame';
}

export interface Frame {
  kind: number;
  flags: number;
  id: number;
  head: Buffer;
  body: Buffer;
}

interface Outgoing {
  kind: number;
  flags: number;
  id: number;
  head: string;
  body: Buffer | string;
  headLength: number;
  bodyLength: number;
}

/** Sends frames; those of one turn of the event loop leave in one write. */
export class FrameWriter {
  readonly #socket: Duplex;
  #queue: Outgoing[] = [];
  readonly #flush = () => this.#write();

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  send(kind: number, flags: number, id: number, head = '', body: Buffer | string = ''): void {
    if (this.#queue.length === 0) setImmediate(this.#flush);
    const headLength = head === '' ? 0 : Buffer.byteLength(head);
    const bodyLength = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    this.#queue.push({ kind, flags, id, head, body, headLength, bodyLength });
  }

  #write(): void {
    const queue = this.#queue;
    this.#queue = [];
    if (this.#socket.destroyed) return;
    let size = 0;
    for (const frame of queue) size += headerBytes + frame.headLength + inlineLength(frame);
    const buffer = Buffer.allocUnsafe(size);
    let start = 0;
    let at = 0;
    for (const frame of queue) {
      buffer.writeUInt32LE(headerBytes - lengthBytes + frame.headLength + frame.bodyLength, at);
      buffer[at + 4] = frame.kind;
      buffer[at + 5] = frame.flags;
      buffer.writeUInt32LE(frame.id, at + 6);
      buffer.writeUInt32LE(frame.headLength, at + 10);
      at += headerBytes;
      if (frame.headLength > 0) at += buffer.write(frame.head, at);
      if (frame.bodyLength === 0) continue;
      if (typeof frame.body === 'string') at += buffer.write(frame.body, at);
      else if (frame.bodyLength < copyLimit) at += frame.body.copy(buffer, at);
      else {
        this.#socket.write(buffer.subarray(start, at));
        this.#socket.write(frame.body);
        start = at;
      }
    }
    if (at > start) this.#socket.write(buffer.subarray(start, at));
  }
}

function inlineLength(frame: Outgoing): number {
  return typeof frame.body === 'string' || frame.bodyLength < copyLimit ? frame.bodyLength : 0;
}

/** Cuts a stream of bytes into frames. Heads and bodies are views of the bytes that arrived, valid as long as kept. */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void;
  #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes needed before the next frame can be cut. */
  #wanted = headerBytes;

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  /** @throws MalformedFrameError; whatever `onFrame` throws. The reader is of no more use then. */
  push(chunk: Buffer): void {
    let data = chunk;
    // A frame has begun in earlier chunks: it gets what it lacks, and the rest of this one is not copied.
    while (this.#size > 0) {
      const lacking = this.#wanted - this.#size;
      if (data.length < lacking) {
        this.#keep(data);
        return;
      }
      this.#chunks.push(data.subarray(0, lacking));
      data = data.subarray(lacking);
      const begun = Buffer.concat(this.#chunks, this.#wanted);
      this.#chunks = [];
      this.#size = 0;
      // Its header may only now be whole, and say how long it is.
      this.#wanted = frameLength(begun, 0);
      if (begun.length === this.#wanted) this.#cut(begun, 0, begun.length);
      else this.#keep(begun);
    }
    let at = 0;
    while (data.length - at >= headerBytes) {
      const end = at + frameLength(data, at);
      if (end > data.length) break;
      this.#cut(data, at, end);
      at = end;
    }
    if (at === data.length) return;
    this.#wanted = data.length - at >= headerBytes ? frameLength(data, at) : headerBytes;
    this.#keep(data.subarray(at));
  }

  #keep(part: Buffer): void {
    this.#chunks.push(part);
    this.#size += part.length;
  }

  #cut(data: Buffer, start: number, end: number): void {
    const headEnd = start + headerBytes + data.readUInt32LE(start + 10);
    if (headEnd > end) throw new MalformedFrameError('a head is longer than its frame');
    this.#onFrame({
      kind: data[start + 4] as number,
      flags: data[start + 5] as number,
      id: data.readUInt32LE(start + 6),
      head: data.subarray(start + headerBytes, headEnd),
      body: data.subarray(headEnd, end),
    });
  }
}

/** Checked before the frame is there, so that nobody makes us wait for more than we can hold. */
function frameLength(data: Buffer, at: number): number {
  const length = lengthBytes + data.readUInt32LE(at);
  if (length >= headerBytes && length <= maxFrameBytes) return length;
  throw new MalformedFrameError(`a frame of ${length} bytes`);
}
