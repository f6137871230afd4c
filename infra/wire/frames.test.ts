import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, it } from 'node:test';
import { Flag, type Frame, FrameReader, FrameWriter, Kind, MalformedFrameError, maxFrameBytes } from './frames.ts';

interface Sent {
  kind: number;
  flags: number;
  id: number;
  head: string;
  body: Buffer | string;
}

/** A line that copies the bytes it takes, as a socket does. */
function openLine(): { line: Writable; written: Buffer[] } {
  const written: Buffer[] = [];
  const line = new Writable({
    write(chunk, _encoding, done) {
      written.push(Buffer.from(chunk));
      done();
    },
  });
  return { line, written };
}

/** @returns the bytes that a writer sends for these frames */
async function write(frames: Sent[]): Promise<Buffer> {
  const { line, written } = openLine();
  const writer = new FrameWriter(line);
  for (const { kind, flags, id, head, body } of frames) writer.send(kind, flags, id, head, body);
  await new Promise(setImmediate);
  line.end();
  await finished(line);
  return Buffer.concat(written);
}

/** @returns the frames that a reader finds in bytes that arrive in these pieces */
function read(pieces: Buffer[]): Frame[] {
  const frames: Frame[] = [];
  const reader = new FrameReader((frame) => frames.push(frame));
  for (const piece of pieces) reader.push(piece);
  return frames;
}

function header(length: number, headLength = 0): Buffer {
  const bytes = Buffer.alloc(14);
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt32LE(headLength, 10);
  return bytes;
}

describe('frames', { concurrency: true }, () => {
  it('arrive byte by byte', async () => {
    const line = await write([{ kind: Kind.invoke, flags: Flag.textBody, id: 7, head: '{}', body: 'text' }]);
    const [frame] = read(Array.from(line, (byte) => Buffer.of(byte)));
    assert.equal(frame?.body.toString(), 'text');
  });

  it('of one turn of the event loop leave in one write', async () => {
    const { line, written } = openLine();
    const writer = new FrameWriter(line);
    for (let id = 1; id <= 5; id++) writer.send(Kind.ping, Flag.none, id);
    await new Promise(setImmediate);
    assert.deepEqual(
      written.map(({ length }) => length),
      [5 * 14],
    );
  });

  it('do not wait for the end of the turn when they are many', () => {
    const { line, written } = openLine();
    const writer = new FrameWriter(line);
    for (let id = 1; id <= 100; id++) writer.send(Kind.ping, Flag.none, id);
    assert.ok(written.length > 1, `${written.length} writes`);
  });

  it('are dropped once the line is gone', async () => {
    const { line, written } = openLine();
    const writer = new FrameWriter(line);
    writer.send(Kind.ping, Flag.none, 0);
    line.destroy();
    await new Promise(setImmediate);
    assert.deepEqual(written, []);
  });

  it('are refused by their length before they are there', () => {
    for (const length of [0, 3, 9, maxFrameBytes - 3, 0xffff_ffff]) {
      assert.throws(() => read([header(length)]), MalformedFrameError, `${length}`);
      assert.throws(() => read([header(length).subarray(0, 4), header(length).subarray(4)]), MalformedFrameError);
    }
    assert.deepEqual(read([header(maxFrameBytes - 4)]), []);
    assert.equal(read([header(10)]).length, 1);
  });

  it('are refused when their head is longer than they are', () => {
    assert.throws(() => read([header(10, 1)]), MalformedFrameError);
    assert.throws(() => read([header(10, 0xffff_ffff)]), MalformedFrameError);
  });
});
