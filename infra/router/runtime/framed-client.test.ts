import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex, type Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { Flag, type Frame, FrameReader, FrameWriter, Kind } from '../../wire/frames.ts';
import { encodeWork } from '../../wire/work.ts';
import { FramedClient } from './framed-client.ts';
import type { FunctionError, InvocationOutcome } from './invocation.ts';

interface Line {
  client: FramedClient;
  /** The process's end of the line. */
  writer: FrameWriter;
  socket: Duplex;
  /** Resolves with the next frame that the client sends. */
  next(): Promise<Frame>;
  events: [name: string, error?: FunctionError][];
}

/** A client and the other end of its line. */
function open(): Line {
  const [socket, far] = pair();
  const events: Line['events'] = [];
  const frames: Frame[] = [];
  const reader = new FrameReader((frame) => {
    frames.push(frame);
    far.emit('frame');
  });
  far.on('data', (chunk) => reader.push(chunk));
  const client = new FramedClient(socket, 'arn', {
    ready: () => events.push(['ready']),
    initError: (error) => events.push(['initError', error]),
    broken: (error) => events.push(['broken', error]),
  });
  const next = async () => {
    while (frames.length === 0) await once(far, 'frame');
    return frames.shift() as Frame;
  };
  return { client, writer: new FrameWriter(far), socket, next, events };
}

/** A socket pair without sockets. */
function pair(): [Duplex, Duplex] {
  const ends: Duplex[] = [];
  const end = (other: number) =>
    new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        ends[other]?.push(Buffer.from(chunk));
        done();
      },
    });
  ends.push(end(1), end(0));
  return ends as [Duplex, Duplex];
}

/** Sends an event. @returns all outcomes so far, and a promise of the first one */
function invoke({ client }: Line): { outcomes: InvocationOutcome[]; outcome: Promise<InvocationOutcome> } {
  const outcomes: InvocationOutcome[] = [];
  const first = Promise.withResolvers<InvocationOutcome>();
  client.invoke({ requestId: 'r', event: {} }, Date.now() + 1000, (outcome) => {
    outcomes.push(outcome);
    first.resolve(outcome);
  });
  return { outcomes, outcome: first.promise };
}

const settled = async () => {
  for (let i = 0; i < 5; i++) await new Promise(setImmediate);
};

describe('the line to a function process', { concurrency: true }, () => {
  it('sends the event and its body apart, and says what the body is', async () => {
    const line = open();
    const body = Buffer.from('text');
    const send = (more: object) => line.client.invoke({ requestId: 'r', ...more }, 5, () => {});
    send({ event: { a: 1 }, body, isBase64Encoded: false });
    const text = await line.next();
    assert.deepEqual(JSON.parse(text.head.toString()), { requestId: 'r', deadlineMs: 5, arn: 'arn', event: { a: 1 } });
    assert.equal(text.body.toString(), 'text');
    assert.equal(text.flags, Flag.textBody);
    send({ event: {}, body, isBase64Encoded: true });
    assert.equal((await line.next()).flags, Flag.binaryBody);
    send({ event: {} });
    assert.equal((await line.next()).flags, Flag.none);
    send({ payload: Buffer.from('{}') });
    assert.equal((await line.next()).flags, Flag.payload);
  });

  it('settles invocations by their numbers, in any order', async () => {
    const line = open();
    const [one, two] = [invoke(line), invoke(line)];
    line.writer.send(Kind.response, Flag.textBody, 2, '{"statusCode":200}', 'two');
    line.writer.send(Kind.error, Flag.none, 1, '{"errorType":"E","errorMessage":"m","trace":["t"]}');
    assert.deepEqual(await one.outcome, {
      type: 'error',
      error: { errorType: 'E', errorMessage: 'm', trace: ['t'] },
    });
    const outcome = await two.outcome;
    assert.equal(outcome.type === 'proxy' && outcome.body.toString(), 'two');
  });

  it('takes one answer an invocation, and none for one that it does not know', async () => {
    const line = open();
    const { outcomes } = invoke(line);
    for (const id of [1, 1, 4711]) line.writer.send(Kind.response, Flag.payload, id, '', 'null');
    await settled();
    assert.equal(outcomes.length, 1);
    assert.deepEqual(line.events, []);
  });

  it('sends events ahead with their time-out, and takes them back', async () => {
    const line = open();
    let returned = 0;
    const outcomes: InvocationOutcome[] = [];
    const ahead = () =>
      line.client.prefetch(
        { requestId: 'r', event: {} },
        3000,
        (outcome) => outcomes.push(outcome),
        () => returned++,
      );
    ahead();
    ahead();
    const { kind, id, head } = await line.next();
    assert.equal(kind, Kind.prefetch);
    assert.equal(JSON.parse(head.toString()).timeoutMs, 3000);
    line.writer.send(Kind.returned, Flag.none, id);
    line.writer.send(Kind.response, Flag.payload, id, '', 'null');
    line.writer.send(Kind.response, Flag.payload, id + 1, '', 'null');
    await settled();
    assert.equal(returned, 1);
    assert.equal(outcomes.length, 1);
    assert.deepEqual(line.events, []);
  });

  it('tells of INIT, and of its failure', async () => {
    const line = open();
    line.writer.send(Kind.ready, Flag.none, 0);
    line.writer.send(Kind.initError, Flag.none, 0, '{"errorType":"E","errorMessage":"m"}');
    await settled();
    assert.deepEqual(line.events, [['ready'], ['initError', { errorType: 'E', errorMessage: 'm' }]]);
  });

  it('is broken by what cannot be understood, once', async () => {
    for (const [kind, head] of [
      [77, ''],
      [Kind.error, 'no JSON'],
      [Kind.initError, '7'],
      [Kind.streamStart, 'null'],
      [Kind.returned, ''],
    ] as const) {
      const line = open();
      const { outcomes } = invoke(line);
      line.writer.send(kind, Flag.none, 1, head);
      line.writer.send(kind, Flag.none, 1, head);
      await settled();
      assert.equal(line.events.length, 1);
      const [name, error] = line.events[0] ?? [];
      assert.equal(name, 'broken');
      assert.equal(error?.errorType, 'Runtime.MalformedFrame');
      assert.equal(line.socket.destroyed, true);
      assert.equal(outcomes.length, 0);
    }
  });

  it('knows whether the process still answers, and what it has worked', async () => {
    const line = open();
    const answers = line.client.ping(60_000);
    assert.equal((await line.next()).kind, Kind.ping);
    const work = { activeMs: 12.5, ended: 3, ranMs: 40 };
    line.writer.send(Kind.pong, Flag.none, 0, '', encodeWork(work));
    assert.deepEqual(await answers, work);
    assert.equal(await line.client.ping(1), undefined);
  });

  describe('with a stream', { concurrency: true }, () => {
    const start = async (line: Line): Promise<Readable> => {
      const { outcome } = invoke(line);
      await line.next();
      line.writer.send(Kind.streamStart, Flag.none, 1, '{"contentType":"a/b"}');
      const begun = await outcome;
      if (begun.type !== 'stream') throw new Error(begun.type);
      assert.equal(begun.contentType, 'a/b');
      return begun.stream;
    };
    const closed = (stream: Readable) => new Promise<void>((resolve) => stream.once('close', () => resolve()));

    it('acknowledges bytes as they are read', async () => {
      const line = open();
      const stream = await start(line);
      line.writer.send(Kind.streamChunk, Flag.none, 1, '', 'x'.repeat(100));
      stream.resume();
      const { kind, body } = await line.next();
      assert.equal(kind, Kind.streamAcknowledged);
      assert.equal(body.readUInt32LE(0), 100);
      line.writer.send(Kind.streamEnd, Flag.none, 1);
      await closed(stream);
      assert.equal(stream.readableEnded, true);
    });

    it('drops what nobody reads, and closes when the function has ended it', async () => {
      const line = open();
      const stream = await start(line);
      let isClosed = false;
      stream.once('close', () => {
        isClosed = true;
      });
      stream.destroy();
      line.writer.send(Kind.streamChunk, Flag.none, 1, '', 'x'.repeat(7));
      assert.equal((await line.next()).body.readUInt32LE(0), 7);
      assert.equal(isClosed, false);
      line.writer.send(Kind.streamEnd, Flag.none, 1);
      await closed(stream);
    });

    it('breaks by an error of the function, a second answer, and the end of the process', async () => {
      for (const breakIt of [
        (line: Line) => line.writer.send(Kind.streamError, Flag.none, 1, '{"errorType":"E","errorMessage":"m"}'),
        (line: Line) => line.writer.send(Kind.response, Flag.payload, 1, '', 'null'),
        (line: Line) => line.client.close(),
      ]) {
        const line = open();
        const stream = await start(line);
        const failed = new Promise((resolve) => stream.once('error', resolve));
        breakIt(line);
        await Promise.all([failed, closed(stream)]);
        assert.equal(stream.readableEnded, false);
      }
    });
  });
});
