import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasMore } from './folder-size.ts';

test('counts files and folders, but not those of packages, hidden folders and links', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-size-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ['src/deep', 'node_modules/a', '.git/b']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'src/deep/a.ts'), '');
  symlinkSync(folder, join(folder, 'src/self'));
  // src, deep, a.ts, self, node_modules and .git.
  assert.deepEqual([hasMore(folder, 5), hasMore(folder, 6)], [true, false]);
  assert.equal(hasMore(join(folder, 'missing'), 0), false);
});
