import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { parseUsage, processUsage } from './process-usage.ts';

const status = 'Name:\tnode\nVmPeak:\t  900 kB\nVmHWM:\t  300 kB\nVmRSS:\t  200 kB\n';

test('CPU time and memory are read, whatever the name of the command', () => {
  const stat = '7 (a) b (c)) S 1 7 7 0 -1 4194560 10 0 0 0 150 50 0 0 20 0 11 0 100 1000 50';
  assert.deepEqual(parseUsage(stat, status), { cpuSeconds: 2, residentBytes: 204_800, peakResidentBytes: 307_200 });
});

test('the usage of a process that has ended is undefined', () => {
  const stat = '7 (node) Z 1 7 7 0 -1 4194560 10 0 0 0 150 50 0 0 20 0 11 0 100 1000 50';
  assert.equal(parseUsage(stat, 'Name:\tnode\nState:\tZ (zombie)\n'), undefined);
  assert.equal(processUsage(undefined), undefined);
  assert.equal(processUsage(2 ** 30), undefined);
});

test('the usage of this process is plausible', {
  skip: !existsSync('/proc/self/stat') && 'there is no /proc here',
}, () => {
  const usage = processUsage(process.pid);
  assert.ok(usage && usage.residentBytes > 1e6 && usage.peakResidentBytes >= usage.residentBytes / 2);
});
