import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languages } from '../i18n/index.ts';
import { importFailure } from './import-pages.ts';
import { ImportGone, TooManyImports } from './imports/jobs/job-store.ts';
import { UploadRefused } from './imports/jobs/upload.ts';
import { ReadRefused } from './imports/table/read-queue.ts';
import { UnreadableTable } from './imports/table/table.ts';

test('each reason for which a file gives no import has its status and its sentence', () => {
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const cases: [error: unknown, status: number, text: RegExp][] = [
    [new UploadRefused('tooLarge'), 413, /larger than 20 MB/],
    [new UploadRefused('empty'), 422, /Choose a file/],
    [new UploadRefused('noForm'), 400, /did not arrive/],
    [new UnreadableTable('unclosedQuote', '', { line: 1_234 }), 422, /row 1,234/],
    [new UnreadableTable('tooManyRows', '', { limit: 100_000 }), 422, /more than 100,000 rows/],
    [new TooManyImports(), 503, /busy with other imports/],
    [new ReadRefused(), 503, /busy with other imports/],
    [new ImportGone(), 404, /no longer exists/],
    [Object.assign(new Error('no such file'), { code: 'ENOENT' }), 404, /no longer exists/],
    [full, 507, /disk is full/],
  ];
  for (const [error, status, text] of cases) {
    const failure = importFailure(error, languages.en);
    assert.equal(failure.status, status);
    assert.match(failure.text, text);
  }
  assert.throws(() => importFailure(new TypeError('a mistake of the program'), languages.en), TypeError);
});
