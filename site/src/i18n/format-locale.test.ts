import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLocale } from './format-locale.ts';

test('dates and numbers follow the region of the reader’s first language', () => {
  const cases: [language: string, header: string | null, locale: string][] = [
    ['en', 'de-DE,de;q=0.9,en-US;q=0.8', 'en-DE'],
    ['en', 'de', 'en-DE'],
    ['en', 'en-US,en;q=0.9', 'en-US'],
    ['en', 'en', 'en-US'],
    ['en', 'pt-BR', 'en-GB'],
    ['pt-BR', 'pt-BR,pt;q=0.9', 'pt-BR'],
    ['pt-BR', 'pt-PT', 'pt-PT'],
    ['pt-BR', 'de-DE', 'pt-BR'],
    ['en', null, 'en'],
    ['en', '*', 'en'],
    ['en', 'x'.repeat(10_000), 'en'],
    ['en', ';;;', 'en'],
  ];
  for (const [language, header, locale] of cases) assert.equal(formatLocale(language, header), locale, String(header));
});
