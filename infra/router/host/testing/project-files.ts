/** Makes small projects for the tests of the readers. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Project, ProjectError, type ReadOptions, type ReadProject } from '../project.ts';

/**
 * Writes the files of a project into a folder that the test removes.
 * @param files contents by path; a path that ends with "/" is an empty folder
 * @returns absolute path of the folder
 */
function projectWith(t: TestContext, files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-project-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path.endsWith('/') ? path : dirname(path)), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(join(folder, path), content);
  }
  return folder;
}

/**
 * Reads a project of one description.
 * @param read  the reader
 * @param file  name of the description
 * @param files contents by path, as for projectWith()
 */
export async function readFiles(
  t: TestContext,
  read: ReadProject,
  file: string,
  files: Record<string, string>,
  options: Partial<ReadOptions> = {},
): Promise<Project> {
  const path = join(projectWith(t, files), file);
  return read(path, { parameters: {}, stage: undefined, environment: {}, ...options });
}

/** @returns the fault of a description that can't be read at all, as one line: "file:line message" */
export async function faultLine(reading: Promise<Project>): Promise<string> {
  try {
    await reading;
  } catch (error) {
    if (error instanceof ProjectError) return `${error.place.file}:${error.place.line} ${error.message}`;
    throw error;
  }
  return 'no fault';
}

/** @returns the notices as lines: "file:line message" */
export function noticeLines({ notices }: Project): string[] {
  return notices.map(({ file, line, message }) => `${file}:${line} ${message}`);
}

/** @returns the faults of functions as lines: "name: file:line message" */
export function functionFaults({ functions }: Project): string[] {
  return functions.flatMap(({ name, fault }) =>
    fault ? [`${name}: ${fault.file}:${fault.line} ${fault.message}`] : [],
  );
}

/** @returns the keys of all routes by their function */
export function routeKeys({ functions }: Project): Record<string, string[]> {
  return Object.fromEntries(functions.map(({ name, routes }) => [name, routes.map(({ key }) => key)]));
}
