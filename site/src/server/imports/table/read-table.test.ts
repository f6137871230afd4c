import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTable } from './read-table.ts';
import { defaultLimits } from './table.ts';

test('a file is read in a process of its own, and several at once wait for each other', async () => {
  const read = (name: string) => readTable(Buffer.from(`name,email\n${name},${name}@example.com\n`), 'people.csv');
  const tables = await Promise.all([read('Ada'), read('Bob')]);
  assert.deepEqual(
    tables.map(({ rows }) => rows[1]?.cells[0]),
    ['Ada', 'Bob'],
  );
});

test('a refusal has its reason, its line and the name of the file', async () => {
  await assert.rejects(readTable(Buffer.from('name,email\nAda,"a@example.com'), 'staff.csv'), {
    name: 'UnreadableTable',
    reason: 'unclosedQuote',
    details: { line: 2 },
    message: /^staff\.csv: Line 2 /,
  });
});

test('a file that needs more memory than the limit is refused, and this process goes on', async () => {
  const file = Buffer.from('Ada,ada@example.com\n'.repeat(200_000));
  const limits = { ...defaultLimits, maxRows: 1_000_000, maxHeapMb: 24 };
  await assert.rejects(readTable(file, 'people.csv', { limits }), { name: 'UnreadableTable', reason: 'tooLarge' });
  assert.equal((await readTable(Buffer.from('a,b'), 'people.csv')).rows.length, 1);
});

test('a file that takes longer than the limit is refused', async () => {
  // SheetJS never comes to the end of this damaged .xls file.
  const file = readFileSync(join(import.meta.dirname, 'endless.xls'));
  const limits = { ...defaultLimits, timeoutMs: 3_000 };
  const refused = { name: 'UnreadableTable', reason: 'tooLarge', message: /too long/ };
  await assert.rejects(readTable(file, 'people.xls', { limits }), refused);
});
