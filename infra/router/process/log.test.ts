import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { isLogLevel, log, setLogLevel } from './log.ts';

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
