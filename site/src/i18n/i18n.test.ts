/** The catalogues hold the same texts, the site uses all of them, and formats follow the locale. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { barePath, languages, localPath, preferredLanguage } from './index.ts';
import { fill, formatDate, formatDuration, formatMilliseconds, formatNumber, plural } from './text.ts';

/** @returns the texts of a catalogue by their path, such as `nav.list` */
function texts(node: object, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === 'string') found.set(path + key, value);
    else for (const [inner, text] of texts(value, `${path}${key}.`)) found.set(inner, text);
  }
  return found;
}

test('every language has the same texts with the same placeholders', () => {
  const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  const english = texts(languages.en);
  for (const [language, messages] of Object.entries(languages)) {
    const own = texts(messages);
    assert.deepEqual([...own.keys()].sort(), [...english.keys()].sort(), language);
    for (const [key, text] of own) {
      assert.notEqual(text.trim(), '', `${language} ${key}`);
      assert.deepEqual(placeholders(text), placeholders(english.get(key) ?? ''), `${language} ${key}`);
    }
  }
});

/** Sections whose texts the code picks by a variable key, such as `t.nav[tab]`: there the bare key must occur. */
const indexedSections = new Set([
  'accounts.account',
  'accounts.people.faults',
  'accounts.people.states',
  'accounts.roles',
  'nav',
  'nav.themes',
  'source',
  'source.short',
  'source.legend',
  'source.places',
  'list.columns',
  'conflict.liveTaken',
  'field',
  'remove',
  'flash',
  'importing',
  'importing.barDone',
  'importing.columns.kinds',
  'importing.counts',
  'importing.faults',
  'importing.groups',
  'importing.show',
  'importing.stopped',
  'importing.unreadable',
  'importing.working',
  'importing.workingHint',
  'system.cacheSentences',
  'system.engineNotes',
  'system.engines',
  'system.parts',
  'system.reasons',
]);

test('the site uses every text', () => {
  const folder = join(import.meta.dirname, '..');
  const rules = '../../functions/lib/users/{email,fields}.ts';
  const sources = globSync(['{components,islands,layouts,lib,pages,server}/**/*.{astro,ts,tsx}', rules], {
    cwd: folder,
  })
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8').replace(/\/\*.*?\*\/|(?<=\s)\/\/[^\n]*/gs, ''))
    .join('\n');
  const isUsed = (path: string) => {
    // plural() picks one of these forms, so that no code names them.
    const names = path.replace(/\.(zero|one|other)$/, '').split('.');
    const key = names.pop();
    if (indexedSections.has(names.join('.'))) return new RegExp(`\\b${key}\\b`).test(sources);
    return new RegExp(`\\b(?:t|texts|languages\\[other]|${names.at(-1)})\\.${key}\\b`).test(sources);
  };
  // Answers of the router and the API name these states, actions and actors.
  const isNamedByAnswer = (path: string) => /^(?:system\.states|history\.(?:actions|actors))\./.test(path);
  const unused = [...texts(languages.en).keys()].filter((path) => !isNamedByAnswer(path) && !isUsed(path));
  assert.deepEqual(unused, []);
});

test('a value that looks like a placeholder is not replaced again', () => {
  assert.equal(fill('{a} and {b}', { a: '{b}', b: 2 }), '{b} and 2');
  assert.equal(fill('{missing}', {}), '{missing}');
});

test('numbers, dates and counts follow the locale', () => {
  assert.equal(formatNumber('en', 12345), '12,345');
  assert.equal(formatNumber('pt-BR', 12345), '12.345');
  assert.equal(formatMilliseconds('pt-BR', 3.26), '3,3');
  assert.equal(formatMilliseconds('en', 326.4), '326');
  assert.equal(plural('en', languages.en.users, 1), '1 user');
  assert.equal(plural('pt-BR', languages['pt-br'].users, 0), 'Nenhum usuário');
  assert.equal(plural('pt-BR', { one: '{count} linha', other: '{count} linhas' }, 0), '0 linhas');
  assert.equal(plural('pt-BR', languages['pt-br'].users, 2000), '2.000 usuários');
  assert.match(formatDate('pt-BR', '2026-01-02T03:04:00Z', 'America/Sao_Paulo'), /2 de jan\. de 2026, 00:04/);
  assert.equal(formatDate('en', 'not a date'), 'not a date');
  assert.equal(formatDuration('en', 3_700), '1 hr, 1 min');
});

test('addresses have a language prefix, except for the default language', () => {
  assert.equal(localPath('en', '/create'), '/create');
  assert.equal(localPath('pt-br', '/create'), '/pt-br/create');
  assert.equal(barePath('/pt-br/create'), '/create');
  assert.equal(barePath('/pt-br'), '/');
  assert.equal(barePath('/pt-brx'), '/pt-brx');
});

test('Accept-Language chooses the most preferred language that the site has', () => {
  const cases: [string | null, string][] = [
    [null, 'en'],
    ['', 'en'],
    ['pt-BR,pt;q=0.9,en;q=0.8', 'pt-br'],
    ['pt-PT', 'pt-br'],
    ['de,pt;q=0.5,en;q=0.4', 'pt-br'],
    ['en-GB,pt;q=0.9', 'en'],
    ['pt;q=0,en', 'en'],
    ['*', 'en'],
    [';;;q=x,,', 'en'],
  ];
  for (const [header, language] of cases) assert.equal(preferredLanguage(header), language, String(header));
});
