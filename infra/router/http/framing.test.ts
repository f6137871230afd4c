import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framingFault } from './framing.ts';

test('framing that every program reads in the same way passes', () => {
  assert.equal(framingFault({ headers: {}, httpVersion: '1.1' }), undefined);
  assert.equal(framingFault({ headers: {}, httpVersion: '1.0' }), undefined);
  assert.equal(framingFault({ headers: { 'transfer-encoding': 'Chunked' }, httpVersion: '1.1' }), undefined);
});

test('a missing version, and codings that not every program knows, are faults', () => {
  assert.match(framingFault({ headers: {}, httpVersion: '0.9' }) ?? '', /HTTP\/1\.1/);
  assert.match(framingFault({ headers: { 'transfer-encoding': 'chunked' }, httpVersion: '1.0' }) ?? '', /HTTP\/1\.0/);
  for (const coding of ['gzip, chunked', 'identity, chunked', 'chunked, chunked', 'gzip']) {
    assert.match(
      framingFault({ headers: { 'transfer-encoding': coding }, httpVersion: '1.1' }) ?? '',
      /chunked/,
      coding,
    );
  }
});
