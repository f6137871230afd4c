import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { barePath, languages, localPath, preferredLanguage } from './index.ts';
import { fill, formatDate, formatDuration, formatMilliseconds, formatNumber, plural } from './text.ts';

/** Every text of a catalogue by its path. */
function texts(node: object, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === 'string') found.set(path + key, value);
    else for (const [inner, text] of texts(value, `${path}${key}.`)) found.set(inner, text);
  }
  return found;
}

test('every language has the same texts with the same values in them', () => {
  const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  const english = texts(languages.en);
  for (const [language, messages] of Object.entries(languages)) {
    const own = texts(messages);
    assert.deepEqual([...own.keys()].sort(), [...english.keys()].sort(), language);
    for (const [key, text] of own) {
      assert.notEqual(text.trim(), '', `${language} ${key}`);
      assert.deepEqual(places(text), places(english.get(key) ?? ''), `${language} ${key}`);
    }
  }
});

test('every text is used by a page, an island or the server', () => {
  const folder = join(import.meta.dirname, '..');
  const sources = globSync(['{components,islands,layouts,lib,pages,server}/**/*.{astro,ts,tsx}'], { cwd: folder })
    .map((file) => readFileSync(join(folder, file), 'utf8').replace(/\/\*.*?\*\/|(?<=\s)\/\/[^\n]*/gs, ''))
    .join('\n');
  const unused = [...texts(languages.en).keys()].filter((path) => {
    // The router names these states in its answer.
    if (path.startsWith('system.states.')) return false;
    // plural() picks the form of a plural, so no code names it.
    const key = path
      .replace(/\.(one|other)$/, '')
      .split('.')
      .at(-1);
    return !new RegExp(`\\b${key}\\b`).test(sources);
  });
  assert.deepEqual(unused, []);
});

test('values are put in once, whatever they hold', () => {
  assert.equal(fill('{a} and {b}', { a: '{b}', b: 2 }), '{b} and 2');
  assert.equal(fill('{missing}', {}), '{missing}');
});

test('numbers, dates and counts follow the locale', () => {
  assert.equal(formatNumber('en', 12345), '12,345');
  assert.equal(formatNumber('pt-BR', 12345), '12.345');
  assert.equal(formatMilliseconds('pt-BR', 3.26), '3,3');
  assert.equal(formatMilliseconds('en', 326.4), '326');
  assert.equal(plural('en', languages.en.users, 1), '1 user');
  assert.equal(plural('pt-BR', languages['pt-br'].users, 0), '0 usuário');
  assert.equal(plural('pt-BR', languages['pt-br'].users, 2000), '2.000 usuários');
  assert.match(formatDate('pt-BR', '2026-01-02T03:04:00Z', 'America/Sao_Paulo'), /2 de jan\. de 2026, 00:04/);
  assert.equal(formatDate('en', 'not a date'), 'not a date');
  assert.equal(formatDuration('en', 3_700), '1 hr, 1 min');
});

test('paths carry the language, except for the default one', () => {
  assert.equal(localPath('en', '/create'), '/create');
  assert.equal(localPath('pt-br', '/create'), '/pt-br/create');
  assert.equal(barePath('/pt-br/create'), '/create');
  assert.equal(barePath('/pt-br'), '/');
  assert.equal(barePath('/pt-brx'), '/pt-brx');
});

test('a browser gets the language it likes best among ours', () => {
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
