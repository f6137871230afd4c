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
import type { Writable } from 'node:stream';

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
/** Frames that leave together at most, and the bytes that they share. A larger frame leaves by itself. */
const framesAtOnce = 16;
const bufferBytes = 128 * 1024;
/** Buffers kept for later. */
const freeBuffers = 4;

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

/**
 * Sends frames. Those of one turn of the event loop leave together, yet at most a handful or a buffer full: the other end
 * is to work on the first while this one makes the next.
 */
export class FrameWriter {
  readonly #socket: Writable;
  /** Frames are written here. Buffers are used again, since new memory for each write costs more than the write. */
  #buffer: Buffer;
  readonly #free: Buffer[] = [];
  #at = 0;
  #frames = 0;
  #scheduled = false;
  readonly #onTurn = () => {
    this.#scheduled = false;
    this.#flush();
  };

  /** @param socket has done with what it was given when it calls back, as sockets have */
  constructor(socket: Writable) {
    this.#socket = socket;
    this.#buffer = this.#takeBuffer();
  }

  send(kind: number, flags: number, id: number, head = '', body: Buffer | string = ''): void {
    const most = headerBytes + mostBytes(head) + mostBytes(body);
    if (most > bufferBytes) {
      this.#flush();
      this.#sendLarge(kind, flags, id, Buffer.from(head), typeof body === 'string' ? Buffer.from(body) : body);
      return;
    }
    if (most > bufferBytes - this.#at) this.#flush();
    const start = this.#at;
    const headStart = start + headerBytes;
    const headEnd = head === '' ? headStart : headStart + this.#buffer.write(head, headStart);
    const end = headEnd + put(body, this.#buffer, headEnd);
    writeHeader(this.#buffer, start, { kind, flags, id, headLength: headEnd - headStart, bodyLength: end - headEnd });
    this.#at = end;
    if (++this.#frames === framesAtOnce) this.#flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(this.#onTurn);
    }
  }

  #sendLarge(kind: number, flags: number, id: number, head: Buffer, body: Buffer): void {
    const start = Buffer.allocUnsafe(headerBytes);
    writeHeader(start, 0, { kind, flags, id, headLength: head.length, bodyLength: body.length });
    this.#write(Buffer.concat([start, head]));
    this.#write(body);
  }

  #flush(): void {
    if (this.#at === 0) return;
    const buffer = this.#buffer;
    this.#write(buffer.subarray(0, this.#at), () => {
      if (this.#free.length < freeBuffers) this.#free.push(buffer);
    });
    this.#buffer = this.#takeBuffer();
    this.#at = 0;
    this.#frames = 0;
  }

  #takeBuffer(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
  }

  #write(bytes: Buffer, done?: () => void): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes, done);
  }
}

function writeHeader(
  buffer: Buffer,
  at: number,
  {
    kind,
    flags,
    id,
    headLength,
    bodyLength,
  }: Omit<Frame, 'head' | 'body'> & { headLength: number; bodyLength: number },
): void {
  buffer.writeUInt32LE(headerBytes - lengthBytes + headLength + bodyLength, at);
  buffer[at + 4] = kind;
  buffer[at + 5] = flags;
  buffer.writeUInt32LE(id, at + 6);
  buffer.writeUInt32LE(headLength, at + 10);
}

/** Bytes at most: a UTF-16 unit takes three in UTF-8, and counting them costs more than the room. */
function mostBytes(content: Buffer | string): number {
  return typeof content === 'string' ? content.length * 3 : content.length;
}

/** @returns bytes written */
function put(content: Buffer | string, buffer: Buffer, at: number): number {
  if (content.length === 0) return 0;
  return typeof content === 'string' ? buffer.write(content, at) : content.copy(buffer, at);
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
