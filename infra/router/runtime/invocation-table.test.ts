import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { InvocationTable } from './invocation-table.ts';

describe('an invocation table', { concurrency: true }, () => {
  it('gives each entry a number of its own, which it keeps until it is removed', () => {
    const table = new InvocationTable<string>();
    const [first, second] = [table.add('first'), table.add('second')];
    assert.equal(table.remove(first), 'first');
    assert.equal(table.get(first), undefined);
    assert.equal(table.get(second), 'second');
    assert.ok(![first, second].includes(table.add('third')));
  });

  it('removes an entry once', () => {
    const table = new InvocationTable<string>();
    const number = table.add('only');
    assert.equal(table.remove(number), 'only');
    assert.equal(table.remove(number), undefined);
    assert.equal(table.size, 0);
  });

  it('returns its entries, the oldest first', () => {
    const table = new InvocationTable<number>();
    const numbers = Array.from({ length: 2000 }, (_, index) => table.add(index));
    for (const number of numbers.slice(0, 1990)) table.remove(number);
    assert.deepEqual(table.all(), [1990, 1991, 1992, 1993, 1994, 1995, 1996, 1997, 1998, 1999]);
    assert.equal(table.size, 10);
  });

  it('frees a removed entry without a full garbage collection', () => {
    const old = churn();
    assert.ok(old < 1, `${old} MB became old`);
  });
});

/** @returns megabytes that grew old while entries of 1 kB came and went, of which a few live at a time */
function churn(): number {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { InvocationTable } from '${join(import.meta.dirname, 'invocation-table.ts')}';
    const table = new InvocationTable();
    const live = [table.add(payload())];
    for (let i = 0; i < 3; i++) gc({ type: 'minor' });
    const before = oldMegabytes();
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 500; i++) {
        live.push(table.add(payload()));
        if (live.length > 32) table.remove(live.shift());
      }
      gc({ type: 'minor' });
    }
    console.log(oldMegabytes() - before);
    function payload() { return Array.from({ length: 128 }, (_, index) => index + 0.5); }
    function oldMegabytes() {
      return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space').space_used_size / 1e6;
    }
  `;
  return Number(execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', script]));
}
