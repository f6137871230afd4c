import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';

/** More than a pipe holds. */
const outputBytes = 1024 * 1024;
const maxWaitMs = 30_000;

/**
 * Starts a process that has written more than its pipe holds and calls exitAfterOutput.
 * @param passedMs how far the process then moves its mocked clock
 */
async function endingProcess(passedMs: number): Promise<ChildProcess> {
  const script = `
    import { mock } from 'node:test';
    import { exitAfterOutput } from ${JSON.stringify(join(import.meta.dirname, 'stdout.ts'))};
    process.stdout.write('x'.repeat(${outputBytes}));
    mock.timers.enable({ apis: ['setTimeout'] });
    void exitAfterOutput(3, ${maxWaitMs});
    process.stderr.write('waiting', () => mock.timers.tick(${passedMs}));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  await once(child.stderr as NodeJS.EventEmitter, 'data');
  return child;
}

describe('a process that ends after its output', { concurrency: true }, () => {
  it('waits for a slow reader, who gets all of it', async () => {
    const child = await endingProcess(maxWaitMs - 1);
    const exited = once(child, 'exit');
    assert.equal((await text(child.stdout as NodeJS.ReadableStream)).length, outputBytes);
    assert.deepEqual(await exited, [3, null]);
  });

  it('ends without a reader who takes longer than the limit', async () => {
    const child = await endingProcess(maxWaitMs);
    assert.deepEqual(await once(child, 'exit'), [3, null]);
  });
});
