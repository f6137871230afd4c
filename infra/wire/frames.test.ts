import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, it } from 'node:test';
import { anySeed, randomStream } from '../tests/support/random.ts';
import { Flag, type Frame, FrameReader, FrameWriter, Kind, MalformedFrameError, maxFrameBytes } from './frames.ts';

interface Sent {
  kind: number;
  flags: number;
  id: number;
  head: string;
  body: Buffer | string;
}

/** A line that copies the bytes it takes, as a socket does. A slow line takes them a turn later. */
function openLine({ slow = false } = {}): { line: Writable; written: Buffer[] } {
  const written: Buffer[] = [];
  const line = new Writable({
    write(chunk, _encoding, done) {
      const take = () => {
        written.push(Buffer.from(chunk));
        done();
      };
      if (slow) setImmediate(take);
      else take();
    },
  });
  return { line, written };
}

/** @returns the bytes that a writer sends for these frames */
async function write(frames: Sent[], options?: { slow: boolean }): Promise<Buffer> {
  const { line, written } = openLine(options);
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
  it('arrive as they were sent, however the line cuts them', async (t) => {
    const seed = Number(process.env.SEED) || anySeed();
    t.diagnostic(`SEED=${seed}`);
    const random = randomStream(seed, 'frames');
    const bytes = () => Buffer.from(Array.from({ length: random.integer(0, 300) }, () => random.integer(0, 255)));
    const frames = Array.from({ length: 200 }, (): Sent => {
      const text = random.pick(['', 'plain', '{"a":"€"}', 'é'.repeat(random.integer(1, 50))]);
      const large = Buffer.alloc(random.integer(60_000, 200_000), random.integer(0, 255));
      return {
        kind: random.integer(1, 24),
        flags: random.integer(0, 4),
        id: random.integer(0, 2 ** 32 - 1),
        head: text,
        body: random.chance(0.05) ? large : random.chance(0.5) ? bytes() : `${text}${text}`,
      };
    });
    const line = await write(frames, { slow: random.chance(0.5) });
    const pieces: Buffer[] = [];
    for (let at = 0; at < line.length; ) {
      const size = random.chance(0.7) ? random.integer(1, 40) : random.integer(1, 100_000);
      pieces.push(line.subarray(at, at + size));
      at += size;
    }
    const arrived = read(pieces);
    assert.equal(arrived.length, frames.length);
    for (const [index, { kind, flags, id, head, body }] of arrived.entries()) {
      const sent = frames[index] as Sent;
      assert.deepEqual([kind, flags, id, head.toString()], [sent.kind, sent.flags, sent.id, sent.head]);
      assert.ok(body.equals(Buffer.from(sent.body as string)), `body ${index}`);
    }
  });

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

  it('never make a reader do anything but read or refuse, whatever comes', (t) => {
    const seed = Number(process.env.SEED) || anySeed();
    t.diagnostic(`SEED=${seed}`);
    const random = randomStream(seed, 'noise');
    for (let round = 0; round < 500; round++) {
      const noise = Buffer.from(Array.from({ length: random.integer(1, 64) }, () => random.integer(0, 255)));
      if (random.chance(0.5)) noise.writeUInt8(0, Math.min(3, noise.length - 1));
      try {
        read([noise, noise]);
      } catch (error) {
        assert.ok(error instanceof MalformedFrameError, String(error));
      }
    }
  });
});
