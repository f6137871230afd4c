/**
 * Frames, the format of the channel between the router and the runtime client in a function's process. The channel is one
 * socket pair.
 *
 *     0   u32  bytes that follow this field (little endian, as all numbers here)
 *     4   u8   kind
 *     5   u8   flags
 *     6   u32  channel id of the invocation; 0 for frames about the process
 *     10  u32  bytes of head
 *     14       head (JSON, UTF-8), then body (bytes as they are)
 *
 * Head and body are apart so that a body is never JSON-escaped only to be unescaped at the other end. The heads are
 * described in heads.ts.
 * @see infra/docs/decisions/002-processes-and-frames.md
 */
import type { Writable } from 'node:stream';

/** The kinds of frames. */
export const Kind = {
  // from the router to the function's process
  invoke: 1,
  ping: 2,
  streamAcknowledged: 3,
  /** An event for a process that is busy. It begins with it when the events before have ended. */
  prefetch: 4,
  // from the function's process to the router
  ready: 16,
  initError: 17,
  response: 18,
  error: 19,
  pong: 20,
  streamStart: 21,
  streamChunk: 22,
  streamEnd: 23,
  streamError: 24,
  /** The process has not begun with a prefetched event, and does not keep it. */
  returned: 25,
} as const;

/** Bits of the field `flags`. They tell which form the frame's body has. */
export const Flag = {
  none: 0,
  /** The frame's body is the event's or the answer's body, as UTF-8 text. */
  textBody: 1,
  /** The frame's body is the bytes of a body that is base64 in the event or in the answer. */
  binaryBody: 2,
  /** The frame's body is the whole event or answer as JSON; an `invoke` frame asks for the answer in this form, too. */
  payload: 4,
} as const;

const lengthBytes = 4;
const headerBytes = 14;
/** Largest frame: five times Lambda's limit for an event or an answer. */
export const maxFrameBytes = 32 * 1024 * 1024;
/** How many frames may leave in one write. */
const maxFramesPerWrite = 16;
/** Size of the buffer that the frames of one write share. A larger frame leaves in a write of its own. */
const bufferBytes = 128 * 1024;
/** How many buffers a writer keeps for later writes. */
const maxFreeBuffers = 4;

/** The bytes on the channel are no frame. Nothing that follows them can be read. */
export class MalformedFrameError extends Error {
  override name = 'Runtime.MalformedFrame';
}

export interface Frame {
  /** One of Kind. */
  kind: number;
  /** Flag, or several of them together. */
  flags: number;
  /** Channel id of the invocation; 0 for a frame about the process. */
  id: number;
  /** JSON, see heads.ts; empty for kinds without a head. */
  head: Buffer;
  body: Buffer;
}

/**
 * Sends frames. The frames of one turn of the event loop leave in one write, but at most 16 of them, so that the other end
 * works on the first ones while this end makes the next.
 */
export class FrameWriter {
  readonly #socket: Writable;
  readonly #framesPerWrite: number;
  /** Holds the frames of the next write. Buffers are used again, because new memory for each write costs more than the write. */
  #buffer: Buffer;
  readonly #freeBuffers: Buffer[] = [];
  /** Bytes and frames that the buffer holds. */
  #usedBytes = 0;
  #frames = 0;
  #scheduled = false;
  readonly #onTurn = () => {
    this.#scheduled = false;
    this.#flush();
  };

  /**
   * @param socket         must not use the bytes of a write after it has called back; net.Socket does not
   * @param framesPerWrite how many frames may leave in one write
   */
  constructor(socket: Writable, framesPerWrite = maxFramesPerWrite) {
    this.#socket = socket;
    this.#framesPerWrite = framesPerWrite;
    this.#buffer = this.#takeBuffer();
  }

  /**
   * Sends a frame.
   * @param kind  one of Kind
   * @param flags Flag, or several of them together
   * @param id    channel id of the invocation; 0 for a frame about the process
   */
  send(kind: number, flags: number, id: number, head = '', body: Buffer | string = ''): void {
    const needed = headerBytes + maxBytes(head) + maxBytes(body);
    if (needed > bufferBytes) {
      this.#flush();
      this.#sendLarge(kind, flags, id, Buffer.from(head), typeof body === 'string' ? Buffer.from(body) : body);
      return;
    }
    if (needed > bufferBytes - this.#usedBytes) this.#flush();
    const start = this.#usedBytes;
    const headStart = start + headerBytes;
    const headEnd = head === '' ? headStart : headStart + this.#buffer.write(head, headStart);
    const end = headEnd + put(body, this.#buffer, headEnd);
    writeHeader(this.#buffer, start, { kind, flags, id, headLength: headEnd - headStart, bodyLength: end - headEnd });
    this.#usedBytes = end;
    if (++this.#frames === this.#framesPerWrite) this.#flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(this.#onTurn);
    }
  }

  #sendLarge(kind: number, flags: number, id: number, head: Buffer, body: Buffer): void {
    const start = Buffer.allocUnsafe(headerBytes);
    writeHeader(start, 0, { kind, flags, id, headLength: head.length, bodyLength: body.length });
    // One write wakes the other end once.
    this.#socket.cork();
    this.#write(start);
    this.#write(head);
    this.#write(body);
    this.#socket.uncork();
  }

  #flush(): void {
    if (this.#usedBytes === 0) return;
    const buffer = this.#buffer;
    this.#write(buffer.subarray(0, this.#usedBytes), () => {
      if (this.#freeBuffers.length < maxFreeBuffers) this.#freeBuffers.push(buffer);
    });
    this.#buffer = this.#takeBuffer();
    this.#usedBytes = 0;
    this.#frames = 0;
  }

  #takeBuffer(): Buffer {
    return this.#freeBuffers.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
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

/** @returns an upper limit: a UTF-16 unit takes at most three bytes in UTF-8. Counting the bytes would cost more than the room. */
function maxBytes(content: Buffer | string): number {
  return typeof content === 'string' ? content.length * 3 : content.length;
}

/** @returns bytes written */
function put(content: Buffer | string, buffer: Buffer, at: number): number {
  if (content.length === 0) return 0;
  return typeof content === 'string' ? buffer.write(content, at) : content.copy(buffer, at);
}

/** Cuts a stream of bytes into frames. Heads and bodies are views of the bytes that arrived: a frame that is kept keeps them all. */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void;
  #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes needed before the next frame can be cut. */
  #wanted = headerBytes;

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  /**
   * Takes the next bytes of the stream, and calls `onFrame` for each frame that is complete.
   * @throws Runtime.MalformedFrame, and what `onFrame` throws; the reader can't be used after either
   */
  push(chunk: Buffer): void {
    let data = chunk;
    // Complete a frame that began in earlier chunks first, so that the rest of this chunk need not be copied.
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
      // Perhaps only the header is complete now, and gives the frame's length.
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

/** @throws Runtime.MalformedFrame before the frame has arrived, so that no sender makes us collect more than the limit */
function frameLength(data: Buffer, at: number): number {
  const length = lengthBytes + data.readUInt32LE(at);
  if (length >= headerBytes && length <= maxFrameBytes) return length;
  throw new MalformedFrameError(`a frame of ${length} bytes`);
}
