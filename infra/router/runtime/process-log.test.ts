import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { followOutput, heldOutputRead, toEntry } from './process-log.ts';

/** @returns the log entries that follow from output in these pieces */
async function follow(pieces: (string | Buffer)[]): Promise<Record<string, unknown>[]> {
  const stream = new PassThrough();
  const entries: Record<string, unknown>[] = [];
  followOutput(stream, 'INFO', {
    functionName: 'f',
    requestId: () => 'in hand',
    traceId: (requestId) => `trace of ${requestId}`,
    takeMetrics: (line) => line === '{"_aws":{}}',
    write(line) {
      entries.push(JSON.parse(line));
      return undefined;
    },
  });
  for (const piece of pieces) stream.write(piece);
  stream.end();
  await once(stream, 'end');
  return entries;
}

const traceId = (requestId: string) => (requestId === 'traced' ? 'trace' : undefined);

const parsed = (line: string, requestId?: string) => {
  const [entry, id] = toEntry(line, 'INFO', { functionName: 'f', traceId, requestId: () => requestId });
  const { timestamp: _, ...fields } = JSON.parse(entry);
  return [fields, id];
};

describe("a process's output", { concurrency: true }, () => {
  it('is cut at line breaks, wherever the pieces end', async () => {
    const euro = Buffer.from('€\n');
    const entries = await follow(['on', 'e\ntw', 'o\n\n', euro.subarray(0, 1), euro.subarray(1), 'last']);
    assert.deepEqual(
      entries.map(({ message }) => message),
      ['one', 'two', '€', 'last'],
    );
  });

  it('is without the lines that have nothing but metrics', async () => {
    const entries = await follow(['one\n{"_aws":{}}\ntwo\n']);
    assert.deepEqual(
      entries.map(({ message }) => message),
      ['one', 'two'],
    );
  });

  it('is cut where a line never ends', async () => {
    const entries = await follow(Array.from({ length: 5 }, () => 'x'.repeat(100_000)));
    assert.equal(entries.length, 2);
    assert.equal(
      entries.map(({ message }) => String(message).length).reduce((a, b) => a + b),
      500_000,
    );
  });

  it('is not read on while the reader of the log is late, and loses nothing', async () => {
    const stream = new PassThrough();
    const lines: string[] = [];
    const late = Promise.withResolvers<void>();
    const write = (line: string) => {
      lines.push(JSON.parse(line).message);
      return lines.length === 2 ? late.promise : undefined;
    };
    followOutput(stream, 'INFO', {
      functionName: 'f',
      requestId: () => undefined,
      traceId: () => undefined,
      takeMetrics: () => false,
      write,
    });
    for (const piece of ['one\n', 'two\nthree\n', 'four\n']) stream.write(piece);
    stream.end();
    await new Promise(setImmediate);
    assert.deepEqual(lines, ['one', 'two', 'three']);
    late.resolve();
    await heldOutputRead();
    assert.deepEqual(lines, ['one', 'two', 'three', 'four']);
  });

  it('becomes the message of an entry when it is text', () => {
    assert.deepEqual(parsed('hello', 'r'), [{ level: 'INFO', function: 'f', requestId: 'r', message: 'hello' }, 'r']);
    assert.equal((parsed('hello', 'traced')[0] as { trace_id: string }).trace_id, 'trace');
    assert.deepEqual(parsed('{broken'), [{ level: 'INFO', function: 'f', message: '{broken' }, undefined]);
  });

  it('keeps its fields when it is JSON, and the request id that it names', () => {
    assert.deepEqual(parsed('{"level":"WARN","requestId":"own","a":1}', 'in hand'), [
      { level: 'WARN', requestId: 'own', a: 1, function: 'f' },
      'own',
    ]);
    assert.equal(parsed('{"function_request_id":"powertools"}')[1], 'powertools');
    assert.equal(parsed('{"requestId":7}', 'in hand')[1], 'in hand');
    const traceOf = (line: string) => (parsed(line)[0] as { trace_id: string }).trace_id;
    assert.equal(traceOf('{"requestId":"traced"}'), 'trace');
    assert.equal(traceOf('{"requestId":"traced","trace_id":"own"}'), 'own');
  });

  it('cannot pass for another function', () => {
    assert.equal((parsed('{"function":"other"}')[0] as { function: string }).function, 'f');
  });
});
