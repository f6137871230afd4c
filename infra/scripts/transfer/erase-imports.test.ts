import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eraseImports } from './erase-imports.ts';

/** @returns whether an erasure removes an import with one file */
function removes(t: TestContext, emails: string[], file: string, text: string): boolean {
  const data = mkdtempSync(join(tmpdir(), 'cadastro-erase-'));
  t.after(() => rmSync(data, { recursive: true }));
  const folder = join(data, 'imports/one');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), text);
  assert.equal(eraseImports(data, emails), existsSync(folder) ? 0 : 1);
  return !existsSync(folder);
}

const row = (text: string) => `{"line":2,"cells":["Ana"]}\n${JSON.stringify({ line: 3, cells: ['x', text] })}\n`;

test('an e-mail is found in every spelling that the directory takes for the same', (t) => {
  for (const [email, spelling] of [
    ['zoë@example.com', 'zoe\u0308@example.com'],
    ['strasse@example.com', 'STRASSE@Example.com'],
    ['ana@bücher.example', 'ana@xn--bcher-kva.example'],
    ['ana@example.com', 'Ａna@ｅxample.com'],
    ['ana@example.com', '"Ana" <ana@example.com>'],
    ['ana@example.com', 'Write to ana@example.com.'],
    ['ana@example.com', 'mailto:ana@example.com'],
    ['ana@example.com', 'ana@example.com/bob@example.com'],
    ['ana@example.com', "bob@example.com|ana@example.com…'"],
    ['ana@example.com', '--ana@example.com--'],
    ["a/o'na@example.com", "A/O'NA@example.com"],
  ] as const) {
    assert.ok(removes(t, [email], 'rows.ndjson', row(spelling)), spelling);
  }
});

test('an import whose file is named after the person goes', (t) => {
  const named = (fileName: string) =>
    removes(t, ['na@x.example'], 'job.json', JSON.stringify({ step: 'import', fileName }));
  assert.deepEqual(['na@x.example.csv', 'of na@x.example', 'na@x.example.org.csv', 'people.csv'].map(named), [
    true,
    true,
    false,
    false,
  ]);
});

test("another person's import stays, though its e-mail ends or begins with the same letters", (t) => {
  for (const other of ['maria.na@x.example', 'na@x.example.com', 'na @x.example', 'na']) {
    assert.equal(removes(t, ['na@x.example'], 'rows.ndjson', row(other)), false, other);
  }
  assert.equal(removes(t, [], 'rows.ndjson', row('na@x.example')), false);
});

test('an upload that nobody has read yet and a damaged line count as the person', (t) => {
  assert.ok(removes(t, ['na@x.example'], 'upload', 'PK'));
  assert.ok(removes(t, ['na@x.example'], 'rows.ndjson', '{"email":"na@x.example"'));
});

test('a folder without imports is told from one in which nobody was found', () => {
  assert.equal(eraseImports(join(tmpdir(), 'cadastro-nowhere'), ['na@x.example']), undefined);
});
