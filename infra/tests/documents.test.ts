/** Checks that every file and heading that a document names is there, so that documents follow a renamed file. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { commandsIn, documents, readDocument, referencesIn } from './support/markdown.ts';

const root = join(import.meta.dirname, '../..');
const installedOrBuilt = /^(dist|data|\.git)$|(^|\/)node_modules$/;
/** Every file and folder of the project. */
const paths = new Set(
  globSync(['**/*', '**/.*', '.*/**'], { cwd: root, exclude: (path) => installedOrBuilt.test(path) }),
);
/** Paths that a command writes, and files that the guides tell the reader to create. */
const written = /^(dist|data|node_modules|infra\/bench\/results)(\/|$)|^app(\/|\.ts$)|get-thing|(^|[/-])tags?\b/;

test('every relative link leads to a file, and to a heading of it', () => {
  const broken = documents.flatMap((document) =>
    referencesIn(readDocument(document))
      .links.filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !leadsSomewhere(document, target))
      .map((target) => `${document}: ${target}`),
  );
  assert.deepEqual(broken, []);
});

test('every file that a document names in code is there', () => {
  const missing = documents.flatMap((document) =>
    referencesIn(readDocument(document))
      .codeSpans.filter(isPath)
      .filter((path) => !isFile(path))
      .map((path) => `${document}: ${path}`),
  );
  assert.deepEqual(missing, []);
});

test('the index of decisions lists each of them by its title', () => {
  const titles = documents
    .filter((document) => /decisions\/\d/.test(document))
    .map((document) => `[${readDocument(document).slice(2).split('\n', 1)[0]}](${basename(document)})`);
  const index = readDocument('infra/docs/decisions/README.md');
  assert.deepEqual(
    titles.filter((title) => !index.includes(`- ${title}: `)),
    [],
  );
});

test('the README is one page of at most 150 lines', () => {
  for (const document of ['README.md', 'README.pt-BR.md']) {
    assert.ok(readDocument(document).trimEnd().split('\n').length <= 150, document);
  }
});

test('the README has the same commands and links in both languages', () => {
  const [english, portuguese] = ['README.md', 'README.pt-BR.md'].map(readDocument) as [string, string];
  assert.deepEqual(commandsIn(portuguese), commandsIn(english));
  const others = (text: string) => referencesIn(text).links.filter((target) => !target.startsWith('README'));
  assert.deepEqual(others(portuguese), others(english));
});

function leadsSomewhere(document: string, target: string): boolean {
  const [path = '', heading] = target.split('#');
  const file = path === '' ? document : normalize(join(dirname(document), path)).replace(/\/$/, '');
  if (!paths.has(file)) return false;
  return heading === undefined || headingsOf(file).includes(heading);
}

/** @returns the anchors that GitHub gives to the headings of a document */
function headingsOf(document: string): string[] {
  return [...readDocument(document).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** A name with a known ending, or a folder from the project's root. */
function isPath(code: string): boolean {
  if (!/^[\w.@-]+(\/[\w.@-]+)*\/?$/.test(code) || written.test(code)) return false;
  return /\.(ts|tsx|mjs|astro|css|md|yaml|yml|svg|png)$/.test(code) || /^(functions|infra|site|\.\w+)\//.test(code);
}

/** A path from the root; decisions also name a file by the end of its path. */
function isFile(path: string): boolean {
  const name = path.replace(/\/$/, '');
  return paths.has(name) || [...paths].some((known) => known.endsWith(`/${name}`));
}
