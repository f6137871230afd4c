import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { createRequestLimits } from './request-limits.ts';

const settings = {
  maxRequests: 3,
  maxRequestsPerClient: 2,
  maxBodyBytes: 100,
  maxFormBytes: 150,
  readTimeoutMs: 1_000,
};

const response = () => new EventEmitter() as ServerResponse;
const post = (headers: Record<string, string | number>) => ({ headers }) as unknown as IncomingMessage;

test('requests in flight are bounded for each client and in all, and make room when they close', () => {
  const { enter } = createRequestLimits(settings);
  const first = response();
  assert.equal(enter(first, 'a'), undefined);
  assert.equal(enter(response(), 'a'), undefined);
  const refused = enter(response(), 'a');
  assert.deepEqual([refused?.status, refused?.headers], [429, { 'retry-after': '1' }]);
  assert.equal(enter(response(), 'b'), undefined);
  assert.equal(enter(response(), 'c')?.status, 503);
  first.emit('close');
  assert.equal(enter(response(), 'a'), undefined);
});

test('forms are bounded by their size, each and in all', () => {
  const { enterForm } = createRequestLimits(settings);
  const first = response();
  assert.equal(enterForm(post({ 'content-length': 101 }), response())?.status, 413);
  assert.equal(enterForm(post({ 'content-length': 80 }), first), undefined);
  assert.equal(enterForm(post({ 'content-length': 80 }), response())?.status, 503);
  assert.equal(enterForm(post({ 'transfer-encoding': 'chunked' }), response())?.status, 503, 'it may be of any size');
  assert.equal(enterForm(post({}), response()), undefined);
  first.emit('close');
  assert.equal(enterForm(post({ 'transfer-encoding': 'chunked' }), response()), undefined);
});
