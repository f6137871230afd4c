import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { readable } from './readable.ts';

const entry = { timestamp: '2026-01-02T03:04:05.678Z', level: 'INFO', message: 'Zoë came' };

test('a JSON line becomes a line for a person', () => {
  const line = readable('api', JSON.stringify({ ...entry, requestId: 'r' }));
  assert.equal(stripVTControlCharacters(line), '03:04:05 INFO api: Zoë came {"requestId":"r"}');
  assert.match(stripVTControlCharacters(readable('api', JSON.stringify({ ...entry, function: 'f' }))), /INFO f: Zoë/);
});

test('other lines stay as they are', () => {
  for (const line of ['astro ready\tin 5 ms', 'null', '7', '{half']) assert.equal(readable('site', line), line);
});

test('control characters of a message do not reach the terminal', () => {
  const evil = '\x1b]0;title\x07\x1b[2J\x9b31m\x7f\r\b';
  const escaped = '\\u001b]0;title\\u0007\\u001b[2J\\u009b31m\\u007f\\u000d\\u0008';
  assert.ok(readable('api', JSON.stringify({ ...entry, message: evil })).includes(`api: ${escaped} `));
  assert.equal(readable('api', evil), escaped);
  for (const field of ['timestamp', 'level', 'function', 'other', evil]) {
    const line = readable('api', JSON.stringify({ ...entry, [field]: evil }));
    assert.doesNotMatch(line.replaceAll('\x1b[2m', '').replaceAll('\x1b[0m', ''), /\p{Cc}/u);
  }
});

test('a message of several lines cannot pass for several entries', () => {
  const message = 'a\n03:04:05 INFO api: forged';
  assert.match(readable('api', JSON.stringify({ ...entry, message })), /a\n {4}03:04:05 INFO api: forged/);
});
