import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from './history/operation.ts';
import { undefinedAnswers } from './report.ts';

const operation = (start: number, status: number | undefined): Operation => ({
  ...{ kind: 'get', client: 'reader', id: 1, start, end: start + 1, outcome: 'unknown', status },
});

test('an answer of 500 and a request without an answer are reported, but not while no file descriptor is free', () => {
  const operations = [
    operation(1, 200),
    operation(2, 503),
    operation(3, 500),
    operation(4, undefined),
    operation(9, undefined),
  ];
  const injected = [{ name: 'file descriptors exhausted', target: 'process' as const, start: 9, end: 10 }];
  const found = undefinedAnswers({ operations, injected });
  assert.deepEqual(
    found.map((line) => line.replace(/^.*→ /, '')),
    ['500', 'no response'],
  );
});
