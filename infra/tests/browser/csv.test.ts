/** CSV export of the list and CSV import of users. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { parseTable } from '../../../site/src/server/imports/table/parse-table.ts';
import { defaultLimits } from '../../../site/src/server/imports/table/table.ts';
import { describeInBrowser, textOf, until } from '../support/browser.ts';

describeInBrowser('CSV', (fixture) => {
  before(async () => {
    await fixture.create('Comma, "Quote"', 'comma@example.com');
    await fixture.create('=1+1', 'formula@example.com');
    await fixture.create('Ünïcödé', 'unicode@example.org');
  });

  test('exports the users that the search finds, safe for spreadsheets', async () => {
    const page = await fixture.open('/');
    await page.getByRole('searchbox').fill('example.com');
    await until('the link follows the search', async () =>
      ((await page.getByRole('link', { name: 'Export CSV' }).getAttribute('href')) ?? '').includes('q=example.com'),
    );
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export CSV' }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^users-\d{4}-\d\d-\d\d\.csv$/);
    const text = await readFile(await download.path(), 'utf8');
    const [head, first, second, end] = text.split('\r\n');
    assert.equal(head, '\ufeffNumber,Name,E-mail,Created,Last changed');
    assert.match(first ?? '', /^\d+,"Comma, ""Quote""",comma@example\.com,/);
    assert.match(second ?? '', /^\d+,'=1\+1,formula@example\.com,/);
    assert.equal(end, '');

    await page.goto(`${page.url().split('?')[0]}pt-br?q=example.com`);
    const [workbook] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Exportar para Excel' }).click(),
    ]);
    assert.match(workbook.suggestedFilename(), /^usuarios-\d{4}-\d\d-\d\d\.xlsx$/);
    const { rows } = await parseTable(await readFile(await workbook.path()), defaultLimits);
    assert.deepEqual(rows[0]?.cells, ['Número', 'Nome', 'E-mail', 'Criado em', 'Última alteração']);
    assert.deepEqual(
      rows.slice(1).map(({ cells }) => cells[1]),
      ['Comma, "Quote"', '=1+1'],
    );
  });

  test('marks bad rows before anything is written, imports the good rows and reports the result', async () => {
    const page = await fixture.open('/import');
    const rows = [
      'name;email',
      'Im One;im1@example.com',
      ';im2@example.com',
      'Im Three;no address',
      'Im Four;IM1@example.com',
      '"Im; Five";im5@example.com',
      'Late;comma@example.com',
    ];
    await page
      .getByLabel('CSV file')
      .setInputFiles({ name: 'in.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) });
    await page.getByText('2 good rows').waitFor();
    await page.getByText('4 bad rows').waitFor();
    await page.getByText('This field is required.').waitFor();
    await page.getByText('This is not a valid e-mail address.').waitFor();
    await page.getByText('Line 2 has the same e-mail.').waitFor();
    await page.getByText('Another user has this e-mail.').waitFor();
    const before = await (await fixture.request('GET', '/users?q=im')).json();
    assert.equal(before.total, 0);

    await page.getByLabel('Show bad rows only').check();
    assert.equal(await page.locator('.rows tbody tr').count(), 4);
    await page.getByRole('button', { name: 'Import 2 users' }).click();
    await page.getByText('2 users were imported.').waitFor();
    const list = await (await fixture.request('GET', '/users?q=im')).json();
    assert.deepEqual(list.users.map(({ name }: { name: string }) => name).sort(), ['Im One', 'Im; Five']);
  });

  test('imports hundreds of rows of pasted text with a progress bar', async () => {
    const page = await fixture.open('/import');
    const lines = Array.from({ length: 400 }, (_, number) => `Bulk ${number},bulk${number}@example.net`);
    await page.getByLabel('or paste it here').fill(['name,email', ...lines].join('\n'));
    await page.getByRole('button', { name: 'Import 400 users' }).click();
    await page.locator('progress').waitFor();
    await page.getByText('400 users were imported.').waitFor();
    assert.equal(await page.locator('progress').getAttribute('value'), '400');
    assert.match(await textOf(page.locator('.importer')), /200 more rows are not shown/);
  });

  for (const [what, text, words] of [
    ['no columns', 'Ana,ana@example.com', 'The first line must name the columns name and email.'],
    ['no rows', 'name,email\n', 'There is no row in this file.'],
    ['an open quote', 'name,email\n"Ana,ana@example.com', 'Line 2: A quoted field is not closed.'],
  ] as const) {
    test(`explains a file with ${what}`, async () => {
      const page = await fixture.open('/import');
      await page.getByLabel('or paste it here').fill(text);
      await page.getByText(words).waitFor();
    });
  }
});
