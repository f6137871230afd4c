import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from './config.ts';
import { parseInspectors } from './parse-inspectors.ts';

test('functions without a port of their own get the free ports from 9229 on', () => {
  const faults: string[] = [];
  const ports = parseInspectors(['one', 'two=9230', 'three'], faults);
  assert.deepEqual([...ports], Object.entries({ one: 9229, two: 9230, three: 9231 }));
  assert.deepEqual([...parseInspectors([], faults)], []);
  assert.deepEqual(faults, []);
});

test('wrong names and ports are a fault', () => {
  for (const items of [['a b'], ['one=80'], ['one=70000'], ['one=x'], ['one', 'one'], ['one=9300', 'two=9300']]) {
    const faults: string[] = [];
    parseInspectors(items, faults);
    assert.equal(faults.length, 1, String(items));
  }
});

test('settings under which a process has no inspector of its own are refused', () => {
  assert.deepEqual([...parseConfig({ INSPECT_FUNCTIONS: 'one' }).inspectors], [['one', 9229]]);
  for (const other of [{ ROUTER_PROCESSES: '2' }, { FUNCTION_PERMISSIONS: 'strict' }]) {
    assert.throws(
      () => parseConfig({ INSPECT_FUNCTIONS: 'one', ...other }),
      /INSPECT_FUNCTIONS needs ROUTER_PROCESSES=1/,
    );
  }
});
