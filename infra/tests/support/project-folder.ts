/** Projects of files in temporary folders, for tests of the command `host`. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

/** A project whose files a test writes. */
export interface ProjectFolder {
  /** Absolute path. */
  folder: string;
  /** @param files contents by path */
  write(files: Record<string, string>): void;
}

/** Makes a project that goes away with the test. @param files contents by path */
export function projectFolder(t: Pick<TestContext, 'after'>, files: Record<string, string>): ProjectFolder {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'cadastro-project-')));
  t.after(() => rmSync(folder, { recursive: true, maxRetries: 3 }));
  const write = (contents: Record<string, string>) => {
    for (const [path, content] of Object.entries(contents)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  };
  write(files);
  return { folder, write };
}
