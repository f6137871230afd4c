import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type DocumentOptions, readDocument } from './document.ts';
import { Notices } from './notices.ts';
import { type Fields, placeOf } from './places.ts';

function read(t: TestContext, text: string, dialect: DocumentOptions['dialect'] = 'cloudformation') {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-document-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a.yml'), text);
  const notices = new Notices();
  return { value: readDocument(join(folder, 'a.yml'), folder, { dialect, notices }) as Fields, notices };
}

test('tags of CloudFormation are the functions that they abbreviate', (t) => {
  const { value } = read(
    t,
    "a: !Ref b\nb: !GetAtt a.b.c\nc: !Join ['', [!Sub x]]\nd: !Condition e\nf: !If\n  - a\n  - {b: !Ref c}\n",
  );
  assert.deepEqual(value, {
    a: { Ref: 'b' },
    b: { 'Fn::GetAtt': ['a', 'b.c'] },
    c: { 'Fn::Join': ['', [{ 'Fn::Sub': 'x' }]] },
    d: { Condition: 'e' },
    f: { 'Fn::If': ['a', { b: { Ref: 'c' } }] },
  });
});

test('every value keeps its line, also behind anchors and merges', (t) => {
  const { value } = read(t, 'base: &base\n  one: 1\n  two: 2\nown:\n  <<: *base\n  two: 3\n');
  assert.deepEqual(value.own, { one: 1, two: 3 });
  assert.deepEqual(placeOf(value, 'own'), { file: 'a.yml', line: 4 });
  assert.deepEqual(placeOf(value.own as Fields, 'two'), { file: 'a.yml', line: 6 });
  assert.deepEqual(placeOf(value.base as Fields, 'two'), { file: 'a.yml', line: 3 });
});

test('CloudFormation reads plain words as YAML 1.1, the Serverless Framework as YAML 1.2', (t) => {
  const text = 'a: yes\nb: "yes"\nc: off\nd: true\ne: On\nf: NO\n';
  assert.deepEqual(read(t, text).value, { a: true, b: 'yes', c: false, d: true, e: true, f: false });
  assert.deepEqual(read(t, text, 'serverless').value, { a: 'yes', b: 'yes', c: 'off', d: true, e: 'On', f: 'NO' });
});

test('a number that would lose digits stays text', (t) => {
  const { value } = read(t, 'a: 012345678901\nb: 12345678901234567890\nc: 10\nd: 1.5\ne: 2012-10-17\n');
  assert.deepEqual(value, { a: '012345678901', b: '12345678901234567890', c: 10, d: 1.5, e: '2012-10-17' });
});

test('a key that a template has twice has a notice, and the second one counts', (t) => {
  const { value, notices } = read(t, 'a: 1\na: 2\n');
  assert.deepEqual(value, { a: 2 });
  assert.deepEqual(notices.list(), [
    { file: 'a.yml', line: 2, message: 'the key "a" is there twice: the second one counts' },
  ]);
});

test('anchors that stand for more than a million values are refused at once', (t) => {
  const lines = Array.from({ length: 12 }, (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level}, `.repeat(9)}]`);
  assert.throws(() => read(t, `a0: &a0 [x]\n${lines.join('\n')}\n`), {
    name: 'ProjectError',
    message: 'anchors repeat more than a million values',
  });
});

test('a device is refused, because it may never end', () => {
  assert.throws(() => readDocument('/dev/zero', '/dev', { dialect: 'cloudformation', notices: new Notices() }), {
    name: 'ProjectError',
    message: "the file can't be read: it is no regular file",
  });
});
