/** Reads documents for the tests that run their commands and follow their links. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** The documents of the project, as paths relative to its root. */
export const documents = [...globSync('*.md', { cwd: root }), ...globSync('infra/docs/**/*.md', { cwd: root })].sort();

/** @param path of a document, relative to the project's root */
export function readDocument(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/**
 * @param text of a document
 * @returns the commands of its shell blocks, in order, without comments; a continued command is one line
 */
export function commandsIn(text: string, { runnableOnly = false } = {}): string[] {
  const blocks = text.matchAll(/(<!-- run -->\n+)?```sh\n(.*?)^```$/gms);
  return [...blocks]
    .filter(([, marker]) => !runnableOnly || marker !== undefined)
    .flatMap(([, , block = '']) => block.replace(/[ \t]*\\\n\s*/g, ' ').split('\n'))
    .map((line) => line.replace(/(^|\s+)# .*$/, ''))
    .filter((line) => line !== '');
}

/** @returns the targets of the links and images in a document, and the text of its code spans */
export function referencesIn(text: string): { links: string[]; codeSpans: string[] } {
  const prose = text.replace(/^(```|~~~).*?^\1$/gms, '');
  return {
    links: [...prose.matchAll(/\]\(<?([^)>\s]+)>?\)/g)].map(([, target = '']) => target),
    codeSpans: [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code),
  };
}
