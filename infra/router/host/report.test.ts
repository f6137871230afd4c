import assert from 'node:assert/strict';
import { test } from 'node:test';
import { say } from './report.ts';

test('a name with control characters stays inside its line', (t) => {
  const { mock } = t.mock.method(process.stderr, 'write', () => true);
  say('plugins: \u001b[31mred\nForged line\u2028another');
  assert.deepEqual(mock.calls[0]?.arguments, ['plugins: \\u001b[31mred\\u000aForged line\\u2028another\n']);
});
