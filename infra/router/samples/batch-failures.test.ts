import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeBatch } from './batch-failures.ts';

const queue = { Records: [1, 2, 3].map((id) => ({ messageId: `m${id}`, eventSource: 'aws:sqs' })) };
const stream = {
  Records: [1, 2, 3].map((id) => ({ dynamodb: { SequenceNumber: `s${id}` }, eventSource: 'aws:dynamodb' })),
};
const failed = (...ids: unknown[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

test('a queue delivers just the failed messages again', () => {
  assert.equal(
    describeBatch(queue, failed('m3', 'm1', 'm3')),
    'Batch of 3: 2 failed; Lambda would deliver again record 1 (m1), 3 (m3)',
  );
});

test('a stream goes on from its first failure', () => {
  assert.equal(
    describeBatch(stream, failed('s3', 's2')),
    'Batch of 3: 2 failed; Lambda would deliver again record 2 (s2), 3 (s3)',
  );
});

test('no failure is said as well', () => {
  for (const answer of [failed(), { batchItemFailures: null }]) {
    assert.equal(describeBatch(queue, answer), 'Batch of 3: no record failed');
  }
});

test('an answer that names no record fails the whole batch', () => {
  const all = 'Batch of 3: Lambda would deliver all again, because';
  assert.equal(describeBatch(queue, failed('m1', 'other')), `${all} "other" is no record's`);
  assert.equal(describeBatch(queue, failed('')), `${all} "" is no record's`);
  assert.equal(describeBatch(queue, failed(null)), `${all} null is no record's`);
  assert.equal(describeBatch(queue, { batchItemFailures: [{}] }), `${all} a failure has no itemIdentifier`);
  assert.equal(describeBatch(queue, { batchItemFailures: 'm1' }), `${all} batchItemFailures is no list`);
});

test('other events and answers are no batch', () => {
  assert.equal(describeBatch(queue, { statusCode: 200 }), undefined);
  assert.equal(describeBatch(queue, null), undefined);
  assert.equal(describeBatch({ version: '2.0' }, failed('m1')), undefined);
  assert.equal(describeBatch({ Records: [{ Sns: {} }] }, failed()), undefined);
});
