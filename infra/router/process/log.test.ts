import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { isLogLevel, log, setLogLevel, toLogLine } from './log.ts';

describe('the log', () => {
  afterEach(() => setLogLevel('INFO'));

  it('writes one line of JSON per entry', (t) => {
    const write = t.mock.method(process.stdout, 'write', () => true);
    log.warn('two\nlines', { function: 'f' });
    const line = String(write.mock.calls[0]?.arguments[0]);
    write.mock.restore();
    assert.match(line, /^\{.*\}\n$/);
    const { timestamp, ...rest } = JSON.parse(line);
    assert.deepEqual(rest, { level: 'WARN', message: 'two\nlines', function: 'f' });
    assert.ok(Date.parse(timestamp) > 0);
  });

  it('escapes every control character and line separator, and the line stays the same JSON', () => {
    const message = 'a\x00\x1b[2J\x7f\x9b31m\r\n\u2028\u2029é';
    const line = toLogLine({ message });
    assert.doesNotMatch(line, /[\p{Cc}\p{Zl}\p{Zp}]/u);
    assert.deepEqual(JSON.parse(line), { message });
  });

  it('writes no line below its level', (t) => {
    const write = t.mock.method(process.stdout, 'write', () => true);
    setLogLevel('ERROR');
    log.warn('no');
    log.error('yes');
    setLogLevel('SILENT');
    log.error('no');
    const { length } = write.mock.calls;
    write.mock.restore();
    assert.equal(length, 1);
  });

  it('knows its levels, and does not take toString for one', () => {
    assert.equal(isLogLevel('DEBUG'), true);
    assert.equal(isLogLevel('toString'), false);
  });
});
