import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogTails } from './log-tail.ts';

const report = { duration: 1.234, memorySize: 128, maxMemoryUsed: 40 };
const text = (base64: string) => Buffer.from(base64, 'base64').toString();

test('lines of the invocation come between START and END', async () => {
  const tails = new LogTails();
  const tail = tails.open('a');
  tails.accept('one', 'a');
  tails.accept("another's", 'b');
  tails.accept("nobody's", undefined);
  const lines = [
    'START RequestId: a Version: $LATEST',
    'one',
    'END RequestId: a',
    'REPORT RequestId: a\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB',
    '',
  ];
  assert.deepEqual(text(await tail.finish(report)).split('\n'), lines);
});

test('lines that are read just after the answer are in the tail, later lines are not', async () => {
  const tails = new LogTails();
  const tail = tails.open('a');
  const finished = tail.finish(report);
  setImmediate(() => tails.accept('late', 'a'));
  const first = text(await finished);
  tails.accept('too late', 'a');
  assert.match(first, /^late$/m);
});

test('the REPORT line has no memory where the system does not report it', async () => {
  const log = text(await new LogTails().open('a').finish({ ...report, maxMemoryUsed: undefined }));
  assert.match(log, /Memory Size: 128 MB\n$/);
});

test('a long log is cut to its last 4 KB, at the start of a character', async () => {
  for (const filler of ['é', 'né', '€', '😀', 'x😀']) {
    const tails = new LogTails();
    const tail = tails.open('a');
    for (let line = 0; line < 200; line++) tails.accept(`${line} ${filler.repeat(50)}`, 'a');
    const bytes = Buffer.from(await tail.finish(report), 'base64');
    assert.ok(bytes.length <= 4096 && bytes.length > 4092, `${bytes.length} bytes of ${filler}`);
    assert.doesNotMatch(bytes.toString(), /\uFFFD/);
    assert.match(bytes.toString(), /^199 /m);
  }
});
