import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { strToU8, zipSync } from 'fflate';
import { readCpuMs, readTable } from './read-table.ts';
import { defaultLimits } from './table.ts';

test('a file is read in a process of its own, which also guesses the columns', async () => {
  const { table, mapping } = await readTable(Buffer.from('name,email\nAda,ada@example.com\n'), 'people.csv');
  assert.deepEqual(table.rows[1]?.cells, ['Ada', 'ada@example.com']);
  assert.deepEqual(mapping.columns, ['name', 'email']);
});

test('a refusal has its reason, its line and the name of the file', async () => {
  await assert.rejects(readTable(Buffer.from('name,email\nAda,"a@example.com'), 'staff.csv'), {
    name: 'UnreadableTable',
    reason: 'unclosedQuote',
    details: { line: 2 },
    message: /^staff\.csv: Row 2 /,
  });
});

test('a file that needs more memory than the limit is refused, and this process goes on', async () => {
  const file = Buffer.from('Ada,ada@example.com\n'.repeat(200_000));
  const limits = { ...defaultLimits, maxRows: 1_000_000, maxHeapMb: 24 };
  await assert.rejects(readTable(file, 'people.csv', { limits }), { name: 'UnreadableTable', reason: 'tooLarge' });
  assert.equal((await readTable(Buffer.from('a,b'), 'people.csv')).table.rows.length, 1);
});

test('a file that takes longer than the limit is refused', async () => {
  // SheetJS never comes to the end of this damaged .xls file.
  const file = readFileSync(join(import.meta.dirname, 'endless.xls'));
  const limits = { ...defaultLimits, timeoutMs: 3_000 };
  const refused = { name: 'UnreadableTable', reason: 'tooLarge', message: /too long/ };
  await assert.rejects(readTable(file, 'people.xls', { limits }), refused);
});

test('a small file gets a twentieth of the time on the processor, and a large one all of it', () => {
  const MiB = 1_048_576;
  const times = [0, MiB, 8 * MiB, 20 * MiB].map((size) => readCpuMs(size, 60_000));
  assert.deepEqual(times, [3_000, 10_125, 60_000, 60_000]);
});

test('a file that keeps the processor busy for longer than the limit is refused before its time is over', async () => {
  const file = readFileSync(join(import.meta.dirname, 'endless.xls'));
  // The time that may pass is an hour, so that only the processor's time can end the read.
  const limits = { ...defaultLimits, timeoutMs: 3_600_000 };
  const refused = { name: 'UnreadableTable', reason: 'tooLarge', message: /too long/ };
  await assert.rejects(readTable(file, 'people.xls', { limits, cpuMs: 500 }), refused);
});

test('a spreadsheet whose buffers need more memory than the limit is refused', async () => {
  // 90 MB of spaces take some 90 kB in the file, and twice 90 MB outside of the heap.
  const part = Buffer.alloc(90_000_000, 0x20);
  const file = zipSync({ '[Content_Types].xml': part, 'xl/workbook.xml': strToU8('<workbook/>') });
  const limits = { ...defaultLimits, maxMemoryMb: 150 };
  await assert.rejects(readTable(file, 'people.xlsx', { limits }), { name: 'UnreadableTable', reason: 'tooLarge' });
});

test('a read ends when nobody waits for it any more', async () => {
  const file = readFileSync(join(import.meta.dirname, 'endless.xls'));
  const reason = new Error('gone');
  await assert.rejects(readTable(file, 'people.xls', { signal: AbortSignal.abort(reason) }), reason);
  const waiting = new AbortController();
  const reading = readTable(file, 'people.xls', { signal: waiting.signal });
  waiting.abort(reason);
  await assert.rejects(reading, reason);
});
