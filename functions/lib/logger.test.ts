import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';

const script = `
  import { log, setLogLevel } from '${join(import.meta.dirname, 'logger.ts')}';
  const context = (awsRequestId) => ({ awsRequestId, functionName: 'get-user' });
  log.info('first', { id: 1 }, context('r1'));
  log.info('second', {}, context('r2'));
  log.info('nobody’s');
  log.debug('unheard');
  setLogLevel('DEBUG');
  log.debug('heard', { error: new TypeError('boom') });
  const refused = Object.assign(new Error('null value in column'), { code: '23502', detail: 'Failing row contains (7, Ada)' });
  log.info('failed', { error: new Error('outer', { cause: refused }) });
`;

it('writes each line as JSON with the keys of its own invocation', () => {
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ level, message, function_request_id, function_name, id }) => [
      level,
      message,
      function_request_id,
      function_name,
      id,
    ]),
    [
      ['INFO', 'first', 'r1', 'get-user', 1],
      ['INFO', 'second', 'r2', 'get-user', undefined],
      ['INFO', 'nobody’s', undefined, undefined, undefined],
      ['DEBUG', 'heard', undefined, undefined, undefined],
      ['INFO', 'failed', undefined, undefined, undefined],
    ],
  );
  assert.equal(lines[3].error.name, 'TypeError');
  const { name, message, code } = lines[4].error.cause;
  assert.deepEqual([name, message, code], ['Error', 'null value in column', '23502']);
  assert.doesNotMatch(output, /Ada/, 'a row of the database is in no line');
});
