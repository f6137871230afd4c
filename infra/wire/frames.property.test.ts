/** Properties of the frames, compared with a second encoder and a second parser that follow the table in frames.ts. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { it } from 'node:test';
import fc from 'fast-check';
import { holds } from '../tests/support/property.ts';
import { type Frame, FrameReader, FrameWriter, MalformedFrameError, maxFrameBytes } from './frames.ts';

const headerBytes = 14;

interface Sent {
  kind: number;
  flags: number;
  id: number;
  head: string;
  body: Buffer | string;
}

const byte = fc.integer({ min: 0, max: 255 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'grapheme', maxLength: 60 });
/** The writer's buffer takes 128 KiB: larger frames leave in writes of their own. A character of text takes up to 3 bytes. */
const large = fc.oneof(
  fc.tuple(fc.integer({ min: 60_000, max: 200_000 }), byte).map(([size, fill]) => Buffer.alloc(size, fill)),
  fc.integer({ min: 20_000, max: 70_000 }).map((length) => '€'.repeat(length)),
);

const sent: fc.Arbitrary<Sent> = fc.record({
  kind: byte,
  flags: byte,
  id: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  head: fc.oneof(text, fc.json({ maxDepth: 2 })),
  body: fc.oneof({ weight: 10, arbitrary: bytes }, { weight: 10, arbitrary: text }, { weight: 1, arbitrary: large }),
});

/** Where a stream of bytes is cut: the lengths of its pieces, used again and again until the stream ends. */
const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 100_000 })), {
  minLength: 1,
  maxLength: 20,
});

/** Frames of which some bytes were changed, and bytes that never were frames. Lengths near the limits are frequent. */
const hostile = fc
  .array(
    fc.oneof(
      bytes,
      sent.map(encode),
      fc
        .record({
          length: fc.oneof(
            fc.integer({ min: 0, max: 60 }),
            fc.constantFrom(maxFrameBytes - 4, maxFrameBytes - 3, 2 ** 31, 2 ** 32 - 1),
          ),
          headLength: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constantFrom(2 ** 31, 2 ** 32 - 1)),
          rest: bytes,
        })
        .map(({ length, headLength, rest }) => Buffer.concat([headerOf(length, headLength), rest])),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => Buffer.concat(parts));

/** Encodes a frame as the table in frames.ts says. */
function encode({ kind, flags, id, head, body }: Sent): Buffer {
  const [headPart, bodyPart] = [Buffer.from(head), Buffer.from(body as string)];
  const header = headerOf(10 + headPart.length + bodyPart.length, headPart.length);
  header[4] = kind;
  header[5] = flags;
  header.writeUInt32LE(id, 6);
  return Buffer.concat([header, headPart, bodyPart]);
}

function headerOf(length: number, headLength: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(length, 0);
  header.writeUInt32LE(headLength, 10);
  return header;
}

/** Parses a stream that has arrived whole. */
function parseWhole(stream: Buffer): { frames: Frame[]; malformed: boolean } {
  const frames: Frame[] = [];
  for (let at = 0; stream.length - at >= headerBytes; ) {
    const length = stream.readUInt32LE(at) + 4;
    if (length < headerBytes || length > maxFrameBytes) return { frames, malformed: true };
    if (stream.length - at < length) break;
    const bodyStart = at + headerBytes + stream.readUInt32LE(at + 10);
    if (bodyStart > at + length) return { frames, malformed: true };
    frames.push({
      kind: stream[at + 4] ?? 0,
      flags: stream[at + 5] ?? 0,
      id: stream.readUInt32LE(at + 6),
      head: stream.subarray(at + headerBytes, bodyStart),
      body: stream.subarray(bodyStart, at + length),
    });
    at += length;
  }
  return { frames, malformed: false };
}

/** Reads a stream that arrives in pieces. */
function readPieces(stream: Buffer, lengths: readonly number[]): { frames: Frame[]; malformed: boolean } {
  const frames: Frame[] = [];
  const reader = new FrameReader((frame) => frames.push(frame));
  try {
    for (let at = 0, i = 0; at < stream.length; i++) {
      const end = at + (lengths[i % lengths.length] ?? 1);
      reader.push(stream.subarray(at, end));
      at = end;
    }
    return { frames, malformed: false };
  } catch (error) {
    assert.ok(error instanceof MalformedFrameError, String(error));
    return { frames, malformed: true };
  }
}

/** @returns the bytes that a writer sends for groups of frames, each group in a turn of its own */
async function write(groups: readonly Sent[][], isSlow: boolean): Promise<Buffer> {
  const written: Buffer[] = [];
  const line = new Writable({
    write(chunk, _encoding, done) {
      // A socket may read the bytes later. It copies them only then, so that a writer must not reuse them earlier.
      const take = () => {
        written.push(Buffer.from(chunk));
        done();
      };
      if (isSlow) setImmediate(take);
      else take();
    },
  });
  const writer = new FrameWriter(line);
  for (const group of groups) {
    for (const { kind, flags, id, head, body } of group) writer.send(kind, flags, id, head, body);
    await new Promise(setImmediate);
  }
  line.end();
  await finished(line);
  return Buffer.concat(written);
}

it('every sequence of frames is written as the format says, in however many turns, to a fast or a slow line', () =>
  holds(
    fc.asyncProperty(
      fc.array(fc.array(sent, { maxLength: 40 }), { maxLength: 3 }),
      fc.boolean(),
      async (groups, isSlow) =>
        assert.ok((await write(groups, isSlow)).equals(Buffer.concat(groups.flat().map(encode)))),
    ),
  ));

it('every sequence of frames is read back, wherever the line cuts it', () =>
  holds(
    fc.property(fc.array(sent, { maxLength: 20 }), cuts, (frames, lengths) => {
      const arrived = readPieces(Buffer.concat(frames.map(encode)), lengths);
      assert.deepEqual(
        arrived.frames.map(({ head, body, ...rest }) => ({ ...rest, head: head.toString(), body })),
        frames.map((frame) => ({ ...frame, body: Buffer.from(frame.body as string) })),
      );
      assert.equal(arrived.malformed, false);
    }),
  ));

it('hostile bytes give the frames before the first fault and then MalformedFrame, wherever the line cuts them', () =>
  holds(
    fc.property(hostile, cuts, (stream, lengths) => assert.deepEqual(readPieces(stream, lengths), parseWhole(stream))),
  ));

it('a length that is announced takes no memory before its bytes arrive', () => {
  const announced = headerOf(maxFrameBytes - 4, 0);
  const before = process.memoryUsage().arrayBuffers;
  const readers = Array.from({ length: 50 }, () => new FrameReader(() => {}));
  for (const reader of readers) for (const part of [announced.subarray(0, 9), announced.subarray(9)]) reader.push(part);
  const takenBytes = process.memoryUsage().arrayBuffers - before;
  assert.ok(takenBytes < maxFrameBytes, `${takenBytes} bytes for ${readers.length} announced frames`);
});
