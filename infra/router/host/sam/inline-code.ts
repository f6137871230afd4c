/** Puts code that a template holds into a file, as Lambda does. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Map<string, string>();

/**
 * @param code of InlineCode or ZipFile
 * @returns absolute path of a folder with the code as index.js; it is removed when the process ends
 */
export function inlineFolder(code: string): string {
  const known = folders.get(code);
  if (known) return known;
  if (folders.size === 0)
    process.once('exit', () => folders.forEach((one) => void rmSync(one, { recursive: true, force: true })));
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-inline-'));
  folders.set(code, folder);
  writeFileSync(join(folder, 'index.js'), code);
  return folder;
}
