import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowCollector } from './row-collector.ts';

const limits = { maxRows: 3, maxCells: 40_000, maxCharacters: 2_500_000 };
const tooLarge = { name: 'UnreadableTable', reason: 'tooLarge' };

test('a cell is cut where Excel would cut it, and blank rows are left out', () => {
  const collector = new RowCollector(limits);
  collector.add(1, ['a', 'b'.repeat(40_000)]);
  collector.add(2, ['', ' ']);
  assert.deepEqual(
    collector.rows.map(({ line, cells }) => [line, ...cells.map(({ length }) => length)]),
    [[1, 1, 32_767]],
  );
  assert.match(collector.rows[0]?.cells[1] ?? '', /b…$/);
});

test('rows, cells, columns and characters are bounded', () => {
  const add = (...rows: string[][]) => {
    const collector = new RowCollector(limits);
    for (const [at, cells] of rows.entries()) collector.add(at + 1, cells);
  };
  const long = (cells: number) => Array.from({ length: cells }, () => 'x'.repeat(30_000));
  add(['a'], ['b'], ['c']);
  assert.throws(() => add(['a'], ['b'], ['c'], ['d']), { name: 'UnreadableTable', reason: 'tooManyRows' });
  assert.throws(() => add(...[1, 2, 3].map(() => Array.from({ length: 16_000 }, () => ''))), { reason: 'tooManyRows' });
  assert.throws(() => add(Array.from({ length: 16_385 }, () => '')), tooLarge);
  assert.throws(() => add(long(34)), tooLarge);
  assert.throws(() => add(long(30), long(30), long(30)), tooLarge);
});
