/** A copy of the project, for tests that change its files. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../../..');
/** Paths that the copy leaves out, because they are installed, built for other tests, or large. */
const notCopied =
  /^(node_modules|data|\.git|site\/\.astro|dist\/(dev|fixtures|site)|infra\/bench\/(node_modules|results))$/;

/** A copy of the project, in which a test runs programs. */
export interface ProjectCopy {
  /** Absolute path. */
  folder: string;
  /**
   * Runs a program in the copy.
   * @param command a program of the project's packages, or of the machine
   * @throws Error with its output when it ends with another exit code than 0
   */
  run(command: string, ...args: string[]): Promise<{ stdout: string; stderr: string }>;
  /** Removes the copy. */
  remove(): void;
}

/** Copies the project with the build in dist/ to a temporary folder. The copy shares the installed packages. */
export function copyProject(): ProjectCopy {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-copy-'));
  cpSync(root, folder, {
    recursive: true,
    preserveTimestamps: true,
    filter: (source) => !notCopied.test(relative(root, source).replaceAll('\\', '/')),
  });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const PATH = `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}`;
  return {
    folder,
    run: (command, ...args) =>
      promisify(execFile)(command, args, {
        cwd: folder,
        // With this variable `node --test` would take itself for a part of this test run.
        env: { ...process.env, PATH, NODE_TEST_CONTEXT: undefined },
      }),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
