import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { Flag, type Frame, FrameReader, FrameWriter, Kind } from '../../wire/frames.ts';
import { decodeWork } from '../../wire/work.ts';
import { startRuntime } from './runtime.ts';

test('a process reports how long its invocations ran and how long it was busy', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'runtime-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const waitMs = 40;
  writeFileSync(
    join(folder, 'index.mjs'),
    `export const handler = () => new Promise((resolve) => setTimeout(() => resolve('done'), ${waitMs}));`,
  );
  const [own, router] = duplexPair();
  const frames: Frame[] = [];
  const reader = new FrameReader((frame) => frames.push(frame));
  router.on('data', (chunk: Buffer) => reader.push(chunk));
  const next = async (kind: number): Promise<Frame> => {
    for (;;) {
      const frame = frames.find((one) => one.kind === kind);
      if (frame) return frame;
      await new Promise((resolve) => router.once('data', resolve));
    }
  };
  assert.ok(await startRuntime(own, { LAMBDA_TASK_ROOT: folder, _HANDLER: 'index.handler' }));
  await next(Kind.ready);

  const writer = new FrameWriter(router);
  const head = JSON.stringify({ requestId: 'r', deadlineMs: Date.now() + 10_000, arn: 'arn', event: {} });
  writer.send(Kind.invoke, Flag.none, 1, head);
  await next(Kind.response);
  writer.send(Kind.ping, Flag.none, 0);
  const { ended, ranMs, activeMs } = decodeWork((await next(Kind.pong)).body);
  assert.equal(ended, 1);
  // A timer may fire one millisecond early.
  assert.ok(ranMs >= waitMs - 1, `${ranMs} ms`);
  assert.ok(activeMs > 0);
});
