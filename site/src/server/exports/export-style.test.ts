import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dateWriter, delimiterOf, exportStyle, wallClock } from './export-style.ts';

const time = '2026-01-31T23:05:00.000Z';

test('delimiter and dates follow the region of the reader', () => {
  const styles: [language: 'en' | 'pt-br', acceptLanguage: string | undefined, delimiter: string, date: string][] = [
    ['en', undefined, ',', '01/31/2026 11:05 PM'],
    ['en', 'en-US,en;q=0.9', ',', '01/31/2026 11:05 PM'],
    ['en', 'en-GB', ',', '31/01/2026 23:05'],
    ['en', 'de-DE,de;q=0.9,en;q=0.8', ';', '31.01.2026 23:05'],
    ['en', 'fr', ';', '31/01/2026 23:05'],
    ['pt-br', 'pt-BR,pt;q=0.9', ';', '31/01/2026 23:05'],
    ['pt-br', 'en-US', ';', '31/01/2026 23:05'],
    ['pt-br', undefined, ';', '31/01/2026 23:05'],
    ['en', 'fa-IR', ',', '2026/01/31 23:05'],
    ['en', 'de-DE-u-nu-arab', ';', '31.01.2026 23:05'],
    ['en', '*', ',', '01/31/2026 11:05 PM'],
    ['en', '"><script>', ',', '01/31/2026 11:05 PM'],
  ];
  for (const [language, acceptLanguage, delimiter, date] of styles) {
    const style = exportStyle(language, acceptLanguage === undefined ? {} : { 'accept-language': acceptLanguage });
    assert.deepEqual([delimiterOf(style), dateWriter(style)(time)], [delimiter, date], `${language} ${acceptLanguage}`);
  }
});

test('times are those on the clock of the reader', () => {
  const style = exportStyle('pt-br', { cookie: 'theme=dark; zone=America%2FSao_Paulo' });
  assert.equal(dateWriter(style)(time), '31/01/2026 20:05');
  assert.equal(wallClock(style)(time), Date.UTC(2026, 0, 31, 20, 5));
  for (const cookie of ['zone=Mars/Olympus', 'zone=%E0%A4%A', 'timezone=Asia/Tokyo']) {
    assert.equal(exportStyle('en', { cookie }).timeZone, 'UTC', cookie);
  }
});
