import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket } from './token-bucket.ts';

/** @returns how many of so many requests at once get a token */
const takeAll = (bucket: TokenBucket, count: number, nowMs: number) =>
  Array.from({ length: count }, () => bucket.take(nowMs)).filter((waitSeconds) => waitSeconds === 0).length;

test('a bucket lets a burst through, and then the steady rate', () => {
  const bucket = new TokenBucket({ rateLimit: 10, burstLimit: 5 }, 0);
  assert.equal(takeAll(bucket, 20, 0), 5);
  assert.equal(takeAll(bucket, 20, 300), 3);
  let taken = 0;
  for (let nowMs = 301; nowMs <= 10_300; nowMs++) taken += takeAll(bucket, 1, nowMs);
  assert.ok(taken >= 99 && taken <= 100, String(taken));
});

test('a bucket never holds more than its burst', () => {
  const bucket = new TokenBucket({ rateLimit: 10, burstLimit: 5 }, 0);
  assert.equal(takeAll(bucket, 20, 3_600_000), 5);
});

test('a refused request gets the whole seconds until the next token', () => {
  const bucket = new TokenBucket({ rateLimit: 0.25, burstLimit: 1 }, 0);
  assert.equal(bucket.take(0), 0);
  assert.equal(bucket.take(0), 4);
  assert.equal(bucket.take(3500), 1);
  assert.equal(bucket.take(4000), 0);
});
