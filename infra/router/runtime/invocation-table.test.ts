import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Register } from './invocation-table.ts';

describe('a register', { concurrency: true }, () => {
  it('gives each entry a number of its own, which it keeps until it is removed', () => {
    const register = new Register<string>();
    const [first, second] = [register.add('first'), register.add('second')];
    assert.equal(register.remove(first), 'first');
    assert.equal(register.get(first), undefined);
    assert.equal(register.get(second), 'second');
    assert.ok(![first, second].includes(register.add('third')));
  });

  it('removes an entry once', () => {
    const register = new Register<string>();
    const number = register.add('only');
    assert.equal(register.remove(number), 'only');
    assert.equal(register.remove(number), undefined);
    assert.equal(register.size, 0);
  });

  it('tells its entries, the oldest first', () => {
    const register = new Register<number>();
    const numbers = Array.from({ length: 2000 }, (_, index) => register.add(index));
    for (const number of numbers.slice(0, 1990)) register.remove(number);
    assert.deepEqual(register.all(), [1990, 1991, 1992, 1993, 1994, 1995, 1996, 1997, 1998, 1999]);
    assert.equal(register.size, 10);
  });

  it('lets go of what was removed, without a look through the whole heap', () => {
    const old = churn();
    assert.ok(old < 1, `${old} MB became old`);
  });
});

/** @returns megabytes that grew old while entries of 1 kB came and went, of which a few live at a time */
function churn(): number {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { Register } from '${join(import.meta.dirname, 'invocation-table.ts')}';
    const register = new Register();
    const live = [register.add(payload())];
    for (let i = 0; i < 3; i++) gc({ type: 'minor' });
    const before = oldMegabytes();
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 500; i++) {
        live.push(register.add(payload()));
        if (live.length > 32) register.remove(live.shift());
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
