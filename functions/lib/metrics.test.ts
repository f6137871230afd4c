import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { counter, takeMetrics, timing } from './metrics.ts';

const parse = (line: string | undefined) => JSON.parse(line ?? '{}');

/** Runs a script in a process that takes itself for a function. @returns the lines that it writes */
function runAsFunction(script: string, env: Record<string, string> = {}): Record<string, unknown>[] {
  const file = JSON.stringify(new URL('./metrics.ts', import.meta.url).href);
  const code = `const { counter, timing, flushMetrics, withMetrics } = await import(${file}); ${script}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...process.env, AWS_LAMBDA_FUNCTION_NAME: 'f', ...env },
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stdout.split('\n').filter(Boolean).map(parse);
}

describe('metrics of a function', () => {
  it('stand in one line in the embedded metric format, and begin anew', async () => {
    const hits = counter('CacheHits');
    const reads = timing('ReadDuration');
    hits.add();
    hits.add();
    assert.equal(await reads.measure(async () => 'value'), 'value');
    const { _aws: about, CacheHits, ReadDuration } = parse(takeMetrics());
    assert.equal(CacheHits, 2);
    assert.equal(ReadDuration.length, 1);
    assert.ok(Math.abs(about.Timestamp - Date.now()) < 60_000);
    const Metrics = [
      { Name: 'CacheHits', Unit: 'Count' },
      { Name: 'ReadDuration', Unit: 'Milliseconds' },
    ];
    assert.deepEqual(about.CloudWatchMetrics, [{ Namespace: 'cadastro', Dimensions: [[]], Metrics }]);
    const next = parse(takeMetrics());
    assert.equal(next.CacheHits, 0);
    assert.equal('ReadDuration' in next, false);
  });

  it('keep the time of work that fails', async () => {
    const writes = timing('WriteDuration');
    await assert.rejects(
      writes.measure(async () => {
        throw new Error('full');
      }),
      /full/,
    );
    assert.equal(parse(takeMetrics()).WriteDuration.length, 1);
  });

  it('are written when the process starts, and again when it ends, with what was counted in between', () => {
    const lines = runAsFunction(`
      const hits = counter('CacheHits'); flushMetrics();
      for (let i = 0; i < 1000; i++) hits.add();`);
    assert.deepEqual(
      lines.map(({ CacheHits }) => CacheHits),
      [0, 1000],
    );
  });

  it('are written before the answer where the process may be frozen after it', () => {
    const script = `
      const hits = counter('CacheHits');
      console.log(await withMetrics((async () => { hits.add(); return '{"answer":1}' })()));`;
    const frozen = runAsFunction(script, { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:1' });
    assert.deepEqual([frozen.length, frozen[0]?.CacheHits, frozen[1]?.answer], [2, 1, 1]);
    assert.equal(runAsFunction(script)[0]?.answer, 1);
  });

  it('are written before a list of times is longer than CloudWatch takes', () => {
    const lines = runAsFunction(`
      const reads = timing('ReadDuration');
      for (let i = 0; i < 250; i++) await reads.measure(async () => {});`);
    assert.deepEqual(
      lines.map(({ ReadDuration }) => (ReadDuration as number[]).length),
      [100, 100, 50],
    );
  });

  it('are not written by a local invocation', () => {
    const script = "counter('CacheHits').add(); flushMetrics();";
    assert.deepEqual(runAsFunction(script, { AWS_SAM_LOCAL: 'true' }), []);
  });
});
